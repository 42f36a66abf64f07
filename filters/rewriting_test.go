package filters_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestRewritesKeepTheirRoute: what a request is called upstream does not choose
// another route, whether the host makes the change by itself or a callback does;
// with reroute it does.
func TestRewritesKeepTheirRoute(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Host+r.RequestURI)
	}))
	p := runFile(t, fmt.Sprintf(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
[clusters.up]
endpoints = [%q]
[filters.strip]
use = "rewrite"
config = { strip_prefix = "/orders" }
[filters.host]
use = "rewrite"
config = { host = "inside.example" }
[filters.regex]
use = "rewrite"
config = { regex = { pattern = "^/v1", replace = "" } }
[filters.again]
use = "rewrite"
config = { strip_prefix = "/again", reroute = true }
[[routes]]
match = { hosts = ["a.example"], path_prefix = "/orders" }
filters = ["strip"]
cluster = "up"
[[routes]]
match = { hosts = ["a.example"], path_prefix = "/named" }
filters = ["host"]
cluster = "up"
[[routes]]
match = { hosts = ["a.example"], path_prefix = "/v1" }
filters = ["regex"]
cluster = "up"
[[routes]]
match = { hosts = ["a.example"], path_prefix = "/again" }
filters = ["again"]
cluster = "up"
`, up.Addr)+coretest.Wasm())
	for path, want := range map[string]string{
		"/orders/1":     "200 a.example/1",
		"/named/1":      "200 inside.example/named/1",
		"/v1/x":         "200 a.example/x",
		"/again/orders": "200 a.example/orders",
		"/again/other":  "404 ",
	} {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("GET " + path + " HTTP/1.1\r\nHost: a.example\r\n\r\n")
		r := c.Read("GET")
		if r.Status != 200 {
			r.Body = ""
		}
		if got := fmt.Sprintf("%d %s", r.Status, r.Body); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
