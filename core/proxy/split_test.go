package proxy_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

func TestWeightedClusters(t *testing.T) {
	named := func(name string) *coretest.Upstream {
		return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, name) }))
	}
	one, three, none := named("one"), named("three"), named("none")
	toml := strings.Replace(coretest.Gateway(one.Addr, fmt.Sprintf("[clusters.three]\nendpoints = [%q]\n[clusters.none]\nendpoints = [%q]", three.Addr, none.Addr)),
		`cluster = "up"`, `clusters = [{ name = "up", weight = 1 }, { name = "three", weight = 3 }, { name = "none", weight = 0 }]`, 1)
	p := coretest.Proxy(t, toml)
	c := coretest.Dial(t, p.Addr("gateway"))
	got := map[string]int{}
	const requests = 2000
	for range requests {
		c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		got[c.Read("GET").Body]++
	}
	// A quarter, give or take five standard deviations.
	if n := got["one"]; n < requests/4-97 || n > requests/4+97 || got["none"] > 0 || n+got["three"] != requests {
		t.Errorf("%v of %d requests, want a quarter for one and three quarters for three", got, requests)
	}
}

// TestHTTP10WithoutHost: HTTP/1.1 upstreams are told one.
func TestHTTP10WithoutHost(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) }))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET / HTTP/1.0\r\n\r\n")
	if r := c.Read("GET"); r.Status != 200 || r.Body != up.Addr {
		t.Errorf("%+v, want %s", r, up.Addr)
	}
}
