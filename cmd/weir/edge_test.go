package main_test

import (
	"fmt"
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
