package main_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/explain"
)

// explained is a request that is asked about, and then sent.
type explained struct {
	name, method, url string
	fields            []string // "name: value"
	body              string
	is                string // what must come of it
	status            int
}

const web = "http://web.test"

// differs has requests for each route of testdata/explain/differ.toml.
var differs = []explained{
	{"plain", "GET", web + "/plain/a?b=1", []string{"x-gone: 1"}, "", "forwarded", 200},
	{"a path that is not normal", "GET", web + "/key/../plain//x", nil, "", "forwarded", 200},
	{"an encoding", "GET", web + "/plain", []string{"accept-encoding: gzip"}, "", "forwarded", 200},
	{"a body", "POST", web + "/plain", nil, "hello", "forwarded", 200},
	{"a query chooses", "GET", web + "/plain?fast=1", nil, "", "forwarded", 200},
	{"a filter chooses", "GET", web + "/plain?fast=1", []string{"x-canary: yes"}, "", "forwarded", 200},
	{"a host chooses", "GET", "http://a.example.com/plain/7", nil, "", "forwarded", 200},
	{"no route", "GET", web + "/nothing", nil, "", "answered", 404},
	{"an escaped slash", "GET", web + "/plain/%2f", nil, "", "refused", 400},
	{"no key", "GET", web + "/key", nil, "", "answered", 401},
	{"a wrong key", "GET", web + "/key", []string{"x-api-key: nobody's"}, "", "answered", 401},
	{"a key", "GET", web + "/key", []string{"x-api-key: demo-key-of-the-example"}, "", "forwarded", 200},
	{"a key where the rules deny", "GET", web + "/key/admin/x", []string{"x-api-key: demo-key-of-the-example"}, "", "answered", 403},
	{"a key and a method that no rule allows", "DELETE", web + "/key", []string{"x-api-key: demo-key-of-the-example"}, "", "answered", 403},
	{"no key where none is asked for", "GET", web + "/key/open", nil, "", "forwarded", 200},
	{"a preflight", "OPTIONS", web + "/key", []string{"origin: https://app.example.com", "access-control-request-method: PUT"}, "", "answered", 204},
	{"another origin", "GET", web + "/key/open", []string{"origin: https://evil.example"}, "", "forwarded", 200},
	{"no password", "GET", web + "/staff", nil, "", "answered", 401},
	{"a wrong password", "GET", web + "/staff", []string{"authorization: Basic YW5uOndyb25n"}, "", "answered", 401},
	{"no token", "GET", web + "/login", nil, "", "answered", 401},
	{"a token of none", "GET", web + "/login", []string{"authorization: Bearer " + token("none", "sub")}, "", "answered", 401},
	{"a token", "GET", web + "/login", []string{"authorization: Bearer " + token("HS256", "ann")}, "", "forwarded", 200},
	{"a service allows", "GET", web + "/ask/yes", nil, "", "forwarded", 200},
	{"a service denies", "GET", web + "/ask/no", nil, "", "answered", 403},
	{"a limit without its key", "GET", web + "/plan-of", nil, "", "answered", 429},
	{"a limit with its key", "GET", web + "/plan-of", []string{"x-plan: gold"}, "", "forwarded", 200},
	{"a network that is denied", "GET", web + "/blocked", nil, "", "answered", 403},
	{"a redirect", "GET", web + "/away/x?y=1", nil, "", "answered", 308},
	{"an answer", "GET", web + "/pause", nil, "", "answered", 503},
	{"JSON", "POST", web + "/json", []string{"content-type: application/json"}, `{"id":7,"debug":true}`, "forwarded", 200},
	{"JSON that is none", "POST", web + "/json", []string{"content-type: application/json"}, `{"id":`, "answered", 400},
	{"too long a body", "POST", web + "/json", []string{"content-type: application/json"}, `{"id":"` + strings.Repeat("x", 100) + `"}`, "answered", 413},
	{"a rewrite", "GET", web + "/api/orders?x=1", nil, "", "forwarded", 200},
	{"a rewrite that is routed again", "GET", web + "/old/x", nil, "", "forwarded", 200},
	{"a call of gRPC with its time", "POST", web + "/plain", []string{"content-type: application/grpc", "grpc-timeout: 20S"}, "\x00\x00\x00\x00\x00", "forwarded", 200},
	{"a fault", "GET", web + "/broken", nil, "", "answered", 503},
}

// token is a JSON Web Token of the issuer that the file trusts.
func token(algorithm, subject string) string {
	part := base64.RawURLEncoding.EncodeToString
	text := part([]byte(`{"alg":"`+algorithm+`"}`)) + "." + part([]byte(`{"iss":"https://idp.example.org","exp":4102444800,"sub":"`+subject+`"}`))
	if algorithm == "none" {
		return text + "."
	}
	mac := hmac.New(sha256.New, []byte("0123456789abcdef0123456789abcdef"))
	mac.Write([]byte(text))
	return text + "." + part(mac.Sum(nil))
}

// TestExplainTellsTheTruth asks a running process about each request, then sends it:
// what was said, the answer and the upstream's view of it must be what is.
func TestExplainTellsTheTruth(t *testing.T) {
	text, err := os.ReadFile("testdata/explain/differ.toml")
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan arrival, 16)
	up, next := recording(t, "up", arrived), recording(t, "next", arrived)
	auth := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/no") {
			w.WriteHeader(403)
		}
	}))
	dir := t.TempDir()
	file := write(t, dir, "proxy.toml", strings.NewReplacer("127.0.0.1:9101", up.Addr, "127.0.0.1:9102", next.Addr,
		"127.0.0.1:9103", auth.Addr, "127.0.0.1:9104", coretest.Refusing(t)).Replace(string(text)))
	p := setup{dir: dir}.start(t, "run", "-c", file)
	r := p.ready()
	for i, c := range differs {
		t.Run(c.name, func(t *testing.T) {
			said := c.ask(t, r.Admin)
			if said.Outcome.Is != c.is || said.Outcome.Status != c.status {
				t.Errorf("it is said to be %s with %d, want %s with %d", said.Outcome.Is, said.Outcome.Status, c.is, c.status)
			}
			answer := c.send(t, r.Listen["gateway"][0])
			c.compareAnswer(t, said, answer)
			if said.Outcome.Is == "forwarded" {
				c.compareArrival(t, said, <-arrived)
			}
			line := accessLine(t, filepath.Join(dir, "access.log"), i)
			route := ""
			if said.Route != nil {
				route = said.Route.Name
			}
			if said.Upstream != nil && said.Upstream.Route != nil {
				route = said.Upstream.Route.Name
			}
			if line.Route != route || said.Outcome.Details != "" && line.Details != said.Outcome.Details {
				t.Errorf("the access log has route %q and details %q; said are %q and %q", line.Route, line.Details, route, said.Outcome.Details)
			}
		})
	}
	if len(arrived) > 0 {
		t.Errorf("a request went upstream that was said not to: %+v", <-arrived)
	}
}

// ask is "weir explain --live".
func (c *explained) ask(t *testing.T, admin string) (said explain.Report) {
	t.Helper()
	q := explain.Question{Method: c.method, URL: c.url, Answers: map[string]int{"auth": 200}, Response: 200}
	if strings.HasSuffix(c.url, "/no") {
		q.Answers["auth"] = 403
	}
	if c.body != "" {
		q.Body = []byte(c.body)
	}
	for _, f := range c.fields {
		name, value, _ := strings.Cut(f, ": ")
		q.Fields = append(q.Fields, explain.Field{Name: name, Value: value})
	}
	question, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.Post("http://"+admin+"/explain", "application/json", bytes.NewReader(question))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&said); err != nil || res.StatusCode != 200 {
		t.Fatalf("asking: %d %v", res.StatusCode, err)
	}
	return said
}

// send sends the request itself.
func (c *explained) send(t *testing.T, gateway string) coretest.Response {
	t.Helper()
	host, path, _ := strings.Cut(strings.TrimPrefix(c.url, "http://"), "/")
	head := c.method + " /" + path + " HTTP/1.1\r\nHost: " + host + "\r\n"
	for _, f := range c.fields {
		head += f + "\r\n"
	}
	if c.body != "" {
		head += "content-length: " + strconv.Itoa(len(c.body)) + "\r\n"
	}
	client := coretest.Dial(t, gateway)
	client.Send(head + "\r\n" + c.body)
	return client.Read(c.method)
}

// own are the fields that are another's, or other each time.
var own = []string{"x-request-id", "traceparent", "tracestate", "content-length", "transfer-encoding", "date", "x-forwarded-for", "ratelimit-reset",
	"ratelimit-remaining", "vary"}

// waning are the fields that tell what is left of a time: of all of it, when asked.
var waning = []string{"x-envoy-expected-rq-timeout-ms", "grpc-timeout"}

// compareAnswer holds what was said of the answer against it.
func (c *explained) compareAnswer(t *testing.T, said explain.Report, got coretest.Response) {
	t.Helper()
	if got.Status != said.Outcome.Status {
		t.Errorf("the answer is %d, said is %d", got.Status, said.Outcome.Status)
	}
	for _, f := range said.Outcome.Fields {
		if !slices.Contains(own, f.Name) && f.Value != "***" && !slices.Contains(got.Header.Values(f.Name), f.Value) {
			t.Errorf("the answer has %s: %q, said is %q", f.Name, got.Header.Values(f.Name), f.Value)
		}
	}
	for name, values := range got.Header {
		has := slices.ContainsFunc(said.Outcome.Fields, func(f explain.Field) bool { return strings.EqualFold(f.Name, name) })
		if ours := name != "Date" && name != "Content-Type" && name != "Content-Length" && name != "Content-Encoding" && name != "Transfer-Encoding" && name != "Vary" && name != "Connection"; ours && !has {
			t.Errorf("the answer has %s: %q, of which nothing was said", name, values)
		}
	}
}

// arrival is a request as a service gets it.
type arrival struct {
	service, method, path, host, body string
	header                            http.Header
}

// recording is a service that tells what it gets. Copies, which a filter mirrors, are
// not told.
func recording(t *testing.T, name string, arrived chan<- arrival) *coretest.Upstream {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		if name == "next" && strings.HasPrefix(r.URL.Path, "/orders") {
			return
		}
		arrived <- arrival{name, r.Method, r.RequestURI, r.Host, body.String(), r.Header}
	}))
}

// compareArrival holds what was said of the request upstream against it.
func (c *explained) compareArrival(t *testing.T, said explain.Report, got arrival) {
	t.Helper()
	u := said.Upstream
	if len(u.Clusters) == 0 || !slices.ContainsFunc(u.Clusters, func(x explain.Cluster) bool { return x.Name == got.service }) {
		t.Errorf("it came to %q, said is %+v", got.service, u.Clusters)
	}
	if u.Method != got.method || u.Path != got.path || u.Authority != got.host || u.BodyLength != len(got.body) {
		t.Errorf("%s %s of %s with %d bytes came, said is %s %s of %s with %d", got.method, got.path, got.host, len(got.body), u.Method, u.Path, u.Authority, u.BodyLength)
	}
	var is, was []string
	for name, values := range got.header {
		if name = strings.ToLower(name); !slices.Contains(own, name) {
			is = append(is, name+": "+strings.Join(values, ", "))
		}
	}
	for _, f := range u.Fields {
		if slices.Contains(own, f.Name) {
			continue
		}
		if v := strings.Join(got.header.Values(f.Name), ", "); f.Value == "***" || v != "" && slices.Contains(waning, f.Name) {
			f.Value = v
		}
		was = append(was, f.Name+": "+f.Value)
	}
	slices.Sort(is)
	slices.Sort(was)
	if !slices.Equal(is, was) {
		t.Errorf("the upstream got the fields %q, said are %q", is, was)
	}
}

// loggedStream is a line of the access log.
type loggedStream struct{ Route, Details string }

// accessLine is line i of the access log, once it is there.
func accessLine(t *testing.T, file string, i int) (line loggedStream) {
	t.Helper()
	coretest.Eventually(t, "the access log has its line", func() bool {
		text, _ := os.ReadFile(file)
		lines := strings.Split(string(text), "\n")
		return len(lines) > i+1 && json.Unmarshal([]byte(lines[i]), &line) == nil
	})
	return line
}
