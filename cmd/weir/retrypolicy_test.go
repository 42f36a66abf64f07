package main_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// flaky is an upstream that fails so often, and then answers. It keeps what it was
// sent.
type flaky struct {
	mu   sync.Mutex
	sent []string // method and body of each request
	fail int
	by   http.HandlerFunc
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	f.sent = append(f.sent, r.Method+" "+string(body))
	failing := len(f.sent) <= f.fail
	f.mu.Unlock()
	if failing {
		f.by(w, r)
	}
}

func (f *flaky) got() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent
}

// answer fails with a status and fields.
func answer(status int, fields ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for _, f := range fields {
			name, value, _ := strings.Cut(f, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
	}
}

func reset(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// TestRetryPolicy counts at the upstream what is sent.
func TestRetryPolicy(t *testing.T) {
	const marked = "Idempotency-Key: 7\r\n"
	for name, c := range map[string]struct {
		fail   int
		by     http.HandlerFunc
		config string
		route  string // keys
		head   string // method and fields
		body   string
		status int
		sent   int
	}{
		"a status":                    {2, answer(503), "", "", "GET ", "", 200, 3},
		"too often":                   {3, answer(503), "", "", "GET ", "", 503, 3},
		"another status":              {1, answer(500), "", "", "GET ", "", 500, 1},
		"a status of ours":            {1, answer(429), "statuses = [429]", "", "GET ", "", 200, 2},
		"a POST":                      {1, answer(503), "", "", "POST ", "a", 503, 1},
		"a POST that is marked":       {2, answer(503), "", "", "POST " + marked, "a", 200, 3},
		"marked by another field":     {1, answer(503), `idempotency_header = "X-Once"`, "", "POST X-Once: 1\r\n", "a", 200, 2},
		"marked by nothing":           {1, answer(503), "", "", "POST Idempotency-Key: \r\n", "a", 503, 1},
		"marks are not looked at":     {1, answer(503), `idempotency_header = ""`, "", "POST " + marked, "a", 503, 1},
		"a PATCH":                     {1, answer(503), "", "", "PATCH ", "a", 503, 1},
		"a method of nobody's":        {1, answer(503), "", "", "FROB ", "a", 503, 1},
		"a method that is left out":   {1, answer(503), `methods = ["PUT"]`, "", "GET ", "", 503, 1},
		"a PUT with a body":           {1, answer(503), "", "", "PUT ", "abc", 200, 2},
		"a body beyond the buffer":    {1, answer(503), "", "", "PUT ", page(300_000), 503, 1},
		"a reset":                     {1, reset, "", "", "GET ", "", 200, 2},
		"a reset of a POST":           {1, reset, "", "", "POST ", "a", 502, 1},
		"a reset that is not ours":    {1, reset, `faults = ["connect"]`, "", "GET ", "", 502, 1},
		"a slow try":                  {1, hang, `per_try = "2s"`, "", "GET ", "", 200, 2},
		"a slow POST":                 {1, hang, `per_try = "2s"`, "", "POST ", "a", 504, 1},
		"asked to come back":          {1, answer(503, "Retry-After: 0"), "", "", "GET ", "", 200, 2},
		"asked to come back too late": {1, answer(503, "Retry-After: 61"), `retry_after = "1m"`, "", "GET ", "", 503, 1},
		"asked in words":              {1, answer(503, "Retry-After: soon"), "", "", "GET ", "", 200, 2},
		"the deadline would pass":     {1, answer(503, "Retry-After: 59"), `retry_after = "1m"`, `timeout = "30s"`, "GET ", "", 503, 1},
		"not heard":                   {1, answer(503, "Retry-After: 61"), `retry_after = "0s"`, "", "GET ", "", 200, 2},
		"no budget":                   {1, answer(503), "budget = { percent = 0, per_second = 0 }", "", "GET ", "", 503, 1},
		"instead of the route's":      {1, answer(503), "attempts = 0", "retries = { max = 2, on_status = [503] }", "GET ", "", 503, 1},
	} {
		t.Run(name, func(t *testing.T) {
			up := &flaky{fail: c.fail, by: c.by}
			_, r := chained(t, coretest.Serve(t, up).Addr, `filters = ["again"]`+"\n"+c.route,
				fmt.Sprintf("[filters.again]\nuse = \"retrypolicy\"\nconfig = { %s }", strings.Join(append([]string{`back_off = "1ms"`}, nonempty(c.config)...), ", ")))
			cl := coretest.Dial(t, r.Listen["gateway"][0])
			method, fields, _ := strings.Cut(c.head, " ")
			if c.body != "" {
				fields += fmt.Sprintf("Content-Length: %d\r\n", len(c.body))
			}
			cl.Send(method + " / HTTP/1.1\r\nHost: test\r\n" + fields + "\r\n" + c.body)
			got := cl.Read(method)
			sent := up.got()
			if got.Status != c.status || len(sent) != c.sent {
				t.Errorf("status %d, want %d; sent %.200q, want %d times", got.Status, c.status, sent, c.sent)
			}
			for _, s := range sent {
				if s != method+" "+c.body {
					t.Errorf("the upstream got %.200q", s)
				}
			}
		})
	}
}

func nonempty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// TestRetryPolicyOfWhatNobodyHasSeen: a POST that found no connection goes to
// another endpoint, and there once.
func TestRetryPolicyOfWhatNobodyHasSeen(t *testing.T) {
	sentElsewhere(t, coretest.Refusing(t), "")
}

// sentElsewhere sends POSTs by way of an endpoint at which nobody is.
func sentElsewhere(t *testing.T, gone, keys string) {
	up := &flaky{}
	addr := coretest.Serve(t, up).Addr
	text := strings.Replace(gateway(addr, "[filters.again]\nuse = \"retrypolicy\"\nconfig = { back_off = \"1ms\""+keys+" }"),
		"cluster = \"up\"\n", "cluster = \"up\"\nfilters = [\"again\"]\n", 1)
	text = strings.Replace(text, "endpoints = [", fmt.Sprintf("endpoints = [%q, ", gone), 1)
	text = strings.Replace(text, "[clusters.up]\n", "[clusters.up]\nretry_budget = 1.0\nconnect_timeout = \"60s\"\n", 1)
	p := start(t, "run", "-c", write(t, "", "proxy.toml", text))
	at := p.ready().Listen["gateway"][0]
	const n = 4
	for i := range n {
		c := coretest.Dial(t, at)
		c.Send(fmt.Sprintf("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n%d", i))
		if got := c.Read("POST"); got.Status != 200 {
			t.Errorf("request %d: status %d", i, got.Status)
		}
	}
	for i, s := range up.got() {
		if s != fmt.Sprint("POST ", i) || i >= n {
			t.Errorf("request %d was %q", i, s)
		}
	}
}
