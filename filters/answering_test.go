package filters_test

import (
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestRoutesThatAnswer have no cluster. What their filters let through has nowhere
// to go, and is told so.
func TestRoutesThatAnswer(t *testing.T) {
	p := runFile(t, `version = 1
trust.reason = true
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
[[routes]]
match = { path_prefix = "/old" }
filters = ["moved"]
[[routes]]
filters = [{ name = "gone", unless = { methods = ["POST"] } }]
[filters.moved]
use = "redirect"
config = { replace_prefix = { from = "/old", to = "/new" } }
[filters.gone]
use = "respond"
config = { status = 410, body = "gone" }
`+coretest.Wasm())
	for _, tt := range []struct {
		method, path, location, reason string
		status                         int
	}{
		{"GET", "/old/a", "/new/a", "", 302},
		{"GET", "/b", "", "", 410},
		{"POST", "/b", "", "no_cluster", 503},
		{"GET", "/", "", "", 410},
	} {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send(tt.method + " " + tt.path + " HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
		r := c.Read(tt.method)
		if r.Status != tt.status || r.Header.Get("Location") != tt.location || r.Header.Get("X-Weir-Reason") != tt.reason {
			t.Errorf("%s %s: %+v", tt.method, tt.path, r)
		}
	}
}
