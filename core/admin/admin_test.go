package admin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/admin"
)

// source answers what a test wants.
type source struct {
	ready   atomic.Bool
	reloads atomic.Int64
	refuse  error // of Reload
	config  any
}

func (s *source) Ready() error {
	if s.ready.Load() {
		return nil
	}
	return errors.New("draining")
}
func (s *source) Config() any    { return s.config }
func (s *source) Filters() any   { return []string{"a filter"} }
func (s *source) Clusters() any  { return []string{"a cluster"} }
func (s *source) Listeners() any { return []string{"a listener"} }
func (s *source) Providers() any { return []string{"a provider"} }

func (s *source) Metrics() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "up 1") })
}

func (s *source) Reload(ctx context.Context) error {
	s.reloads.Add(1)
	return s.refuse
}

// Explain answers with the question.
func (s *source) Explain(_ context.Context, question io.Reader) (any, error) {
	text, err := io.ReadAll(question)
	switch {
	case err != nil:
		return nil, err
	case len(text) == 0:
		return nil, emptyQuestion{}
	}
	return string(text), nil
}

// emptyQuestion is the asker's fault.
type emptyQuestion struct{}

func (emptyQuestion) Error() string { return "there is no question" }
func (emptyQuestion) BadQuestion()  {}

// open serves src on addr until the test ends.
func open(t *testing.T, addr string, src admin.Source) *admin.Server {
	t.Helper()
	s, err := admin.Open(addr, src)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve() }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("serving: %v", err)
		}
	})
	return s
}

type answer struct {
	status int
	kind   string // of the content
	allow  string
	body   string
}

// ask sends a request whose fields stand in turn.
func ask(t *testing.T, client *http.Client, method, url string, fields ...string) answer {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		if r.Header.Set(fields[i], fields[i+1]); fields[i] == "Host" {
			r.Host = fields[i+1]
		}
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("Allow"), string(b)}
}

func TestViews(t *testing.T) {
	src := &source{config: map[string]string{"role": "gateway"}}
	src.ready.Store(true)
	at := "http://" + open(t, "127.0.0.1:0", src).Addr().String()
	const text, json = "text/plain; charset=utf-8", "application/json"
	for _, c := range []struct {
		method, path string
		want         answer
	}{
		{"GET", "/healthz", answer{200, text, "", "ok\n"}},
		{"HEAD", "/healthz", answer{200, text, "", ""}},
		{"GET", "/readyz", answer{200, text, "", "ready\n"}},
		{"GET", "/metrics", answer{200, text, "", "up 1\n"}},
		{"GET", "/config", answer{200, json, "", "{\n  \"role\": \"gateway\"\n}\n"}},
		{"GET", "/filters", answer{200, json, "", "[\n  \"a filter\"\n]\n"}},
		{"GET", "/clusters", answer{200, json, "", "[\n  \"a cluster\"\n]\n"}},
		{"GET", "/providers", answer{200, json, "", "[\n  \"a provider\"\n]\n"}},
		{"GET", "/listeners", answer{200, json, "", "[\n  \"a listener\"\n]\n"}},
		{"POST", "/reload", answer{200, text, "", "reloaded\n"}},
		{"POST", "/explain", answer{400, text, "", "there is no question\n"}},
		{"GET", "/explain", answer{405, text, "POST", "Method Not Allowed\n"}},

		{"GET", "/nothing", answer{404, text, "", "404 page not found\n"}},
		{"GET", "/debug/pprof/cmdline", answer{404, text, "", "Unknown profile\n"}}, // an argument may be a secret
		{"GET", "/reload", answer{405, text, "POST", "Method Not Allowed\n"}},
		{"PUT", "/reload", answer{405, text, "POST", "Method Not Allowed\n"}},
		{"POST", "/healthz", answer{405, text, "GET, HEAD", "Method Not Allowed\n"}},
		{"DELETE", "/config", answer{405, text, "GET, HEAD", "Method Not Allowed\n"}},
		{"POST", "/debug/pprof/heap", answer{405, text, "GET, HEAD", "Method Not Allowed\n"}},
	} {
		if got := ask(t, http.DefaultClient, c.method, at+c.path); got != c.want {
			t.Errorf("%s %s: %+v, want %+v", c.method, c.path, got, c.want)
		}
	}
	src.ready.Store(false)
	if got, want := ask(t, http.DefaultClient, "GET", at+"/readyz"), (answer{503, text, "", "not ready: draining\n"}); got != want {
		t.Errorf("while it is not ready: %+v, want %+v", got, want)
	}
	if n := src.reloads.Load(); n != 1 {
		t.Errorf("%d reloads, want the one of POST", n)
	}
}

func TestProfiles(t *testing.T) {
	at := "http://" + open(t, "127.0.0.1:0", &source{}).Addr().String()
	for path, want := range map[string]string{
		"/debug/pprof/":                  "goroutine",
		"/debug/pprof/goroutine?debug=1": "goroutine profile: total",
		"/debug/pprof/heap?debug=1":      "heap profile: ",
		"/debug/pprof/profile?seconds=1": "\x1f\x8b", // compressed
		"/debug/pprof/trace?seconds=0.1": "go 1.",
	} {
		if got := ask(t, http.DefaultClient, "GET", at+path); got.status != 200 || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %.100q, want %q in it", path, got.status, got.body, want)
		}
	}
}

func TestRefusedReload(t *testing.T) {
	src := &source{refuse: errors.New("proxy.toml:3: unknown key")}
	at := "http://" + open(t, "127.0.0.1:0", src).Addr().String()
	got := ask(t, http.DefaultClient, "POST", at+"/reload")
	if got.status != 422 || got.body != "proxy.toml:3: unknown key\n" {
		t.Errorf("%+v", got)
	}
}

// TestUnwritable: a view that cannot be shown is our mistake, and said to be.
func TestUnwritable(t *testing.T) {
	at := "http://" + open(t, "127.0.0.1:0", &source{config: func() {}}).Addr().String()
	if got := ask(t, http.DefaultClient, "GET", at+"/config"); got.status != 500 || !strings.Contains(got.body, "unsupported type") {
		t.Errorf("%+v", got)
	}
}

// TestOtherSites: what a page of another site can have a browser send.
func TestOtherSites(t *testing.T) {
	src := &source{}
	addr := open(t, "127.0.0.1:0", src).Addr().String()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, method, path string
		fields             []string
		status             int
	}{
		{"a form of another site", "POST", "/reload", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a question of another site", "POST", "/explain", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a form of another port", "POST", "/reload", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"an old browser", "POST", "/reload", []string{"Origin", "http://evil.example"}, 403},
		{"an old browser, own page", "POST", "/reload", []string{"Origin", "http://" + addr}, 200},
		{"own page", "POST", "/reload", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"a name that was turned to our address", "GET", "/config", []string{"Host", "evil.example:" + port}, 421},
		{"such a name posts", "POST", "/reload", []string{"Host", "evil.example", "Origin", "http://evil.example"}, 421},
		{"another address", "GET", "/config", []string{"Host", "192.0.2.1"}, 421},
		{"localhost", "GET", "/config", []string{"Host", "localhost:" + port}, 200},
		{"the network of this machine", "GET", "/config", []string{"Host", "127.1.2.3"}, 200},
		{"IPv6", "GET", "/config", []string{"Host", "[::1]:" + port}, 200},
		{"IPv6 without port", "GET", "/config", []string{"Host", "[::1]"}, 200},
	} {
		if got := ask(t, http.DefaultClient, c.method, "http://"+addr+c.path, c.fields...); got.status != c.status {
			t.Errorf("%s: %d %q, want %d", c.name, got.status, got.body, c.status)
		}
	}
	if n := src.reloads.Load(); n != 2 {
		t.Errorf("%d reloads, want the two of our own pages", n)
	}
}

func TestTakenPort(t *testing.T) {
	taken := open(t, "127.0.0.1:0", &source{}).Addr().String()
	if s, err := admin.Open(taken, &source{}); err == nil {
		_ = s.Close()
		t.Error("it opened twice")
	} else if !strings.Contains(err.Error(), "opening the admin listener: ") || !strings.Contains(err.Error(), taken) {
		t.Errorf("%v", err)
	}
}

func TestCloseBeforeServe(t *testing.T) {
	s, err := admin.Open("127.0.0.1:0", &source{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := s.Serve(); err != nil {
		t.Errorf("serving after the end: %v", err)
	}
}
