package main_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// chained starts a gateway whose one route has further keys, among them its
// filters.
func chained(t *testing.T, upstream, keys string, rest ...string) (p *process, r ready) {
	t.Helper()
	text := strings.Replace(gateway(upstream, rest...), "cluster = \"up\"\n", "cluster = \"up\"\n"+keys+"\n", 1)
	p = start(t, "run", "-c", write(t, "", "proxy.toml", text))
	return p, p.ready()
}

// ask sends requests over one connection, which is opened again where the proxy
// closes it, and tells the statuses, with a star where a client is told to wait.
func ask(t *testing.T, at string, n int, head string) (statuses string, last coretest.Response) {
	t.Helper()
	var c *coretest.Client
	for range n {
		if c == nil {
			c = coretest.Dial(t, at)
		}
		c.Send(head + " HTTP/1.1\r\nHost: test\r\n\r\n")
		last = c.Read("GET")
		statuses += fmt.Sprint(" ", last.Status)
		if last.Header.Get("Retry-After") != "" {
			statuses += "*"
		}
		if last.Close {
			c = nil
		}
	}
	return strings.TrimPrefix(statuses, " "), last
}

const breaker = `[filters.breaker]
use = "circuitbreaker"
config = { consecutive = 2, open = "1h", %s }
`

// TestCircuitBreaker has upstreams fail in each way.
func TestCircuitBreaker(t *testing.T) {
	failing := func(status int) string {
		return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })).Addr
	}
	script := func(answer string) string {
		return coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Say(answer) }).Addr
	}
	silent := coretest.Script(t, func(c *coretest.Peer) { c.Ended() }).Addr
	const own = "retries = { max = 0 }\n"
	for name, c := range map[string]struct {
		upstream, route, config, want string
	}{
		"status":             {failing(503), own, "", "503 503 503*"},
		"another status":     {failing(501), own, "", "501 501 501"},
		"a status of ours":   {failing(429), own, "statuses = [429]", "429 429 503*"},
		"nobody listens":     {coretest.Refusing(t), own, "", "502 502 503*"},
		"not counted":        {coretest.Refusing(t), own, `faults = ["reset"]`, "502 502 502"},
		"reset":              {script(""), own, "", "502 502 503*"},
		"not HTTP":           {script("SSH-2.0\r\n\r\n"), own, "", "502 502 503*"},
		"no answer":          {silent, own + "timeout = \"50ms\"\n", "", "504 504 503*"},
		"no answer to a try": {silent, own + "per_try = \"50ms\"\n", `faults = ["timeout"]`, "504 504 503*"},
	} {
		t.Run(name, func(t *testing.T) {
			p, r := chained(t, c.upstream, `filters = ["breaker"]`+"\n"+c.route, fmt.Sprintf(breaker, c.config))
			got, last := ask(t, r.Listen["gateway"][0], 3, "GET /")
			if got != c.want {
				t.Errorf("answered %s, want %s", got, c.want)
			}
			if last.Header.Get("Retry-After") == "3600" {
				p.logged("a circuit has opened", `"filter":"breaker"`)
			}
		})
	}
}

// TestCircuitBreakerIgnoresOurOwnAnswers: a rate limit's say nothing of the upstream,
// whichever of the filters comes first.
func TestCircuitBreakerIgnoresOurOwnAnswers(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, chain := range []string{`"breaker", "limit"`, `"limit", "breaker"`} {
		_, r := chained(t, up.Addr, `filters = [`+chain+`]`, fmt.Sprintf(breaker, `statuses = ["4xx", "5xx"]`),
			"[filters.limit]\nuse = \"ratelimit\"\nconfig = { requests = 1, per = \"1h\", key = \"path\" }")
		at := r.Listen["gateway"][0]
		if got, _ := ask(t, at, 5, "GET /"); got != "200 429* 429* 429* 429*" {
			t.Errorf("%s: answered %s", chain, got)
		}
		if got, _ := ask(t, at, 1, "GET /other"); got != "200" {
			t.Errorf("%s: the circuit is open: %s", chain, got)
		}
	}
}

// TestCircuitBreakerThroughAReload: what was counted goes on counting.
func TestCircuitBreakerThroughAReload(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
	text := strings.Replace(gateway(up.Addr, fmt.Sprintf(breaker, "")), "cluster = \"up\"\n", "cluster = \"up\"\nfilters = [\"breaker\"]\n", 1)
	dir := t.TempDir()
	p := start(t, "run", "-c", write(t, dir, "proxy.toml", text))
	r := p.ready()
	if got, _ := ask(t, r.Listen["gateway"][0], 1, "GET /"); got != "500" {
		t.Fatal(got)
	}
	write(t, dir, "proxy.toml", strings.Replace(text, "open = \"1h\"", "open = \"2h\"", 1))
	resp, err := http.Post("http://"+r.Admin+"/reload", "", nil)
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	_ = resp.Body.Close()
	got, last := ask(t, r.Listen["gateway"][0], 2, "GET /")
	if got != "500 503*" || last.Header.Get("Retry-After") != "7200" {
		t.Errorf("answered %s, %v", got, last.Header)
	}
}

// TestCircuitBreakerOfCalls judges gRPC calls by their statuses, in trailers or in a
// head that is all there is.
func TestCircuitBreakerOfCalls(t *testing.T) {
	for _, c := range []struct {
		status string
		early  bool // in the head
		opens  bool
	}{{"14", false, true}, {"14", true, true}, {"8", false, false}, {"8", true, false}, {"0", false, false}} {
		up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/grpc")
			if c.early {
				w.Header().Set("Grpc-Status", c.status)
				return
			}
			w.Header().Set("Trailer", "Grpc-Status")
			_, _ = w.Write([]byte{0, 0, 0, 0, 0})
			w.Header().Set("Grpc-Status", c.status)
		}))
		_, r := chained(t, up.Addr, `filters = ["breaker"]`, fmt.Sprintf(breaker, `statuses = []`))
		client := coretest.Dial(t, r.Listen["gateway"][0])
		opened := false
		for range 3 {
			client.Send("POST /a.B/C HTTP/1.1\r\nHost: test\r\nContent-Type: application/grpc\r\nTe: trailers\r\nContent-Length: 0\r\n\r\n")
			got := client.Read("POST")
			opened = got.Header.Get("Retry-After") != "" && got.Header.Get("Grpc-Status") == "14"
		}
		if opened != c.opens {
			t.Errorf("status %s, in the head: %t: opened %t", c.status, c.early, opened)
		}
	}
}
