package main_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

const guarded = `version = 1
[gateway]
listen = ["127.0.0.1:0"]
[filters.keys]
use = "apikey"
security = true
config = { keys = [{ name = "ann", sha256 = "4aebd70d3e9413c91f66417e4fea3d65096e0723b1d5b84093132287a974a2bd" }] }
[[routes]]
match.hosts = ["unless.test"]
filters = [{ name = "keys", unless = { path_prefix = "/open" } }]
cluster = "up"
[[routes]]
match.hosts = ["when.test"]
filters = [{ name = "keys", when = { path_prefix = "/admin" } }]
cluster = "up"
[clusters.up]
endpoints = [%q]
`

// TestGuardsSeeWhatUpstreamsMayRead: no way to write a path takes a request past the
// filter that guards what a server makes of it.
func TestGuardsSeeWhatUpstreamsMayRead(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "up") }))
	p := start(t, "run", "-c", write(t, "", "proxy.toml", fmt.Sprintf(guarded, up.Addr)))
	at := p.ready().Listen["gateway"][0]
	for _, tt := range []struct {
		host, path string
		status     int
	}{
		{"unless.test", "/open/x?a=/..;/b", 200},
		{"unless.test", "/open/x;jsessionid=7", 200},
		{"unless.test", "/open/./y", 200}, // we resolve it
		{"unless.test", "/x", 401},
		{"unless.test", "/open/../x", 401},
		{"unless.test", "/open/..;/x", 401},
		{"unless.test", "/open/..;v=1/x", 401},
		{"unless.test", "/open/..%3b/x", 401},
		{"unless.test", "/open/%252e%252e/x", 401},
		{"unless.test", "/open;/x", 401},
		{"unless.test", "/open/..%2fx", 400},
		{"when.test", "/x", 200},
		{"when.test", "/x;v=1", 200},
		{"when.test", "/admin", 401},
		{"when.test", "/admin;v=1/x", 401},
		{"when.test", "/x/..;/admin", 401},
		{"when.test", "/%61dmin", 401},
	} {
		c := coretest.Dial(t, at)
		c.Send("GET " + tt.path + " HTTP/1.1\r\nHost: " + tt.host + "\r\n\r\n")
		if r := c.Read("GET"); r.Status != tt.status {
			t.Errorf("%s%s: %d, want %d", tt.host, tt.path, r.Status, tt.status)
		}
	}
}
