package main_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// edge is a gateway with a route for each of the filters at its edge.
const edge = `version = 1
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = "127.0.0.1:0"
[filters.moved]
use = "redirect"
config = { strip_prefix = "/old" }
[filters.page]
use = "respond"
config = { status = 410, content_type = "text/html", body = { file = "page.html" }, template = true }
[filters.pages]
use = "cors"
config = { origins = ["https://*.example.com"], credentials = true }
[filters.networks]
use = "ipfilter"
security = true
config = { deny = { file = "blocked.txt" }, default = "allow" }
[filters.body]
use = "transform"
[filters.body.config]
request = { remove = ["debug"], set = { "meta.from" = "{client_ip}" } }
response = { pick = ["id", "items.name"] }
[[routes]]
name = "json"
match.path_prefix = "/json"
filters = ["body"]
cluster = "up"
[[routes]]
name = "moved"
match.path_prefix = "/old"
filters = ["moved"]
cluster = "up"
[[routes]]
name = "gone"
match.path_prefix = "/gone"
filters = ["pages", { name = "page", unless = { headers = { x-let = "me" } } }]
cluster = "up"
[[routes]]
name = "guarded"
match.path_prefix = "/guarded"
filters = ["networks"]
cluster = "up"
[clusters.up]
endpoints = [%q]
`

// blocked is a list of n networks, and one more.
func blocked(n int, more string) string {
	var b strings.Builder
	for i := range n - 1 {
		fmt.Fprintf(&b, "%d.%d.%d.0/24 # %d\n", 129+i%90, i/90%250, i/22_500, i)
	}
	return b.String() + more + "\n"
}

func TestFiltersAtTheEdge(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "up") }))
	dir := t.TempDir()
	write(t, dir, "page.html", "<p>{path} is gone\n")
	write(t, dir, "blocked.txt", blocked(100_000, "10.0.0.0/8"))
	file := write(t, dir, "proxy.toml", fmt.Sprintf(edge, up.Addr))
	p := start(t, "run", "-c", file)
	at := p.ready().Listen["gateway"][0]

	r := coretest.Get(t, at, "/old//evil.test/?q")
	if r.Status != 302 || r.Header.Get("Location") != "/evil.test/?q" {
		t.Errorf("redirect: %+v", r)
	}
	r = coretest.Get(t, at, "/gone/<b>", "Origin: https://a.example.com")
	if r.Status != 410 || r.Body != "<p>/gone/&lt;b&gt; is gone" || r.Header.Get("Access-Control-Allow-Origin") != "https://a.example.com" || r.Header.Get("Content-Type") != "text/html" {
		t.Errorf("respond and cors: %+v", r)
	}
	if r = coretest.Get(t, at, "/gone", "X-Let: me"); r.Body != "up" {
		t.Errorf("a filter that does not see the request: %+v", r)
	}
	if r = coretest.Get(t, at, "/guarded"); r.Body != "up" {
		t.Errorf("ipfilter: %+v", r)
	}
	// A list as long as may be is taken over by a reload, in the instances that run.
	write(t, dir, "blocked.txt", blocked(100_000, "127.0.0.0/8"))
	write(t, dir, "proxy.toml", fmt.Sprintf(edge, up.Addr)+"# changed\n")
	p.signal(syscall.SIGHUP)
	p.logged(`"msg":"reloaded"`)
	coretest.Eventually(t, "the new list is in use", func() bool { return coretest.Get(t, at, "/guarded").Status == 403 })
}

// TestTransformAtTheEdge sends documents that the host changes at once, and beside the
// lane, and answers that it cannot change.
func TestTransformAtTheEdge(t *testing.T) {
	seen := make(chan string, 1)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.ContentLength >= 0 && int(r.ContentLength) != len(body) {
			t.Errorf("the request says %d bytes and has %d: %v", r.ContentLength, len(body), err)
		}
		seen <- string(body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, r.Header.Get("X-Answer"))
	}))
	dir := t.TempDir()
	write(t, dir, "page.html", "x")
	write(t, dir, "blocked.txt", "10.0.0.0/8\n")
	p := start(t, "run", "-c", write(t, dir, "proxy.toml", fmt.Sprintf(edge, up.Addr)))
	at := p.ready().Listen["gateway"][0]
	post := func(body, answer string) coretest.Response {
		c := coretest.Dial(t, at)
		c.Send(fmt.Sprintf("POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nX-Answer: %s\r\nContent-Length: %d\r\n\r\n%s", answer, len(body), body))
		return c.Read("POST")
	}
	long := strings.Repeat("x", 200<<10)
	for _, tt := range []struct{ body, upstream, answer, downstream string }{
		{`{"debug":1,"n":1e400}`, `{"n":1e400,"meta":{"from":"127.0.0.1"}}`, `{"id":1,"secret":2,"items":[{"name":"a","cost":3}]}`, `{"id":1,"items":[{"name":"a"}]}`},
		{`{"debug":1,"long":"` + long + `"}`, `{"long":"` + long + `","meta":{"from":"127.0.0.1"}}`, `{"id":"` + long[:20<<10] + `","x":1}`, `{"id":"` + long[:20<<10] + `"}`},
	} {
		r := post(tt.body, tt.answer)
		if got := <-seen; got != tt.upstream {
			t.Errorf("the upstream saw %.100q, want %.100q", got, tt.upstream)
		}
		if r.Status != 200 || r.Body != tt.downstream || r.Header.Get("Content-Length") != fmt.Sprint(len(tt.downstream)) {
			t.Errorf("the client saw %d %v %.100q, want %.100q", r.Status, r.Header, r.Body, tt.downstream)
		}
	}
	if r := post(`{"a":1,"a":2}`, `{}`); r.Status != 400 || r.Body != "Bad Request\n" {
		t.Errorf("an ambiguous request: %+v", r)
	}
	if r := post(`{"long":"`+long+long+`"}`, `{}`); r.Status != 413 {
		t.Errorf("a large request: %+v", r)
	}
	for _, answer := range []string{`{"id":1`, `{"secret":"` + long[:20<<10]} {
		r := post(`{}`, answer)
		<-seen
		if r.Status != 502 || strings.Contains(r.Body, "id") || strings.Contains(r.Body, "xx") {
			t.Errorf("a malformed answer: %d %.100q", r.Status, r.Body)
		}
	}
}
