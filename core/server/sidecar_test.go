package server_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// mirror is an upstream that says its name, and what of the request matters here.
func mirror(t *testing.T, name string) *coretest.Upstream {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s host=%s filters=%s id=%s", name, r.Host, strings.Join(r.Header["X-Filters"], ","), r.Header.Get("X-Request-Id"))
	}))
}

// bothRoles is one file that serves a gateway and a sidecar.
func bothRoles(app, orders, module string) string {
	return fmt.Sprintf(`version = 1
role = "gateway"
[gateway]
listen = ["127.0.0.1:0"]
filters = ["edge"]
[sidecar]
app = %q
inbound = "127.0.0.1:0"
outbound = "127.0.0.1:0"
filters = ["mesh"]
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
[[routes]]
name = "edge"
on = ["gateway"]
match.path_prefix = "/"
cluster = "orders"
[[routes]]
name = "to-app"
on = ["inbound"]
[[routes]]
name = "to-orders"
on = ["outbound"]
match.hosts = ["orders", "orders.internal"]
filters = ["own"]
cluster = "orders"
[[routes]]
name = "everywhere"
match.path = "/everywhere"
cluster = "orders"
[clusters.orders]
endpoints = [%q]
`, app, orders) + tag("edge", module) + tag("mesh", module) + tag("own", module)
}

// from asks for a path of a host.
func from(t *testing.T, addr, host, path string, fields ...string) coretest.Response {
	t.Helper()
	c := coretest.Dial(t, addr)
	head := "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	c.Send(head + "\r\n")
	return c.Read("GET")
}

// TestRolesOfOneFile asks each listener of each role. What a role does not
// have is not opened.
func TestRolesOfOneFile(t *testing.T) {
	toml := bothRoles(mirror(t, "app").Addr, mirror(t, "orders").Addr, tagging(t))
	type ask struct {
		side, host, path string
		want             string // the body; "404" for no route
	}
	gateway := []ask{
		{"gateway", "shop.example", "/", "orders host=shop.example filters=edge id="},
		{"gateway", "shop.example", "/everywhere", "orders host=shop.example filters=edge id="},
	}
	sidecar := []ask{
		{"inbound", "app.internal", "/", "app host=app.internal filters=mesh id=abc"},
		{"inbound", "orders", "/any/path", "app host=orders filters=mesh id=abc"},
		{"inbound", "app.internal", "/everywhere", "orders host=app.internal filters=mesh id=abc"},
		{"outbound", "orders", "/", "orders host=orders filters=mesh,own id=abc"},
		{"outbound", "ORDERS.internal:9000", "/", "orders host=ORDERS.internal:9000 filters=mesh,own id=abc"},
		{"outbound", "unheard-of", "/", "404"},
		{"outbound", "unheard-of", "/everywhere", "orders host=unheard-of filters=mesh id=abc"},
	}
	for _, c := range []struct {
		role string
		asks []ask
	}{
		{"gateway", gateway}, {"sidecar", sidecar}, {"gateway+sidecar", slices.Concat(gateway, sidecar)},
	} {
		t.Run(c.role, func(t *testing.T) {
			p := coretest.ProxyWith(t, toml, coretest.Options{Role: c.role})
			open := map[string]bool{}
			for _, a := range c.asks {
				open[a.side] = true
				// The edge does not believe a client's id; beside a service it is a peer's.
				r := from(t, p.Addr(a.side), a.host, a.path, "x-request-id: abc")
				if got := r.Body; a.want == "404" && r.Status != 404 || a.want != "404" && got != a.want {
					t.Errorf("%s %s%s: %d %q, want %q", a.side, a.host, a.path, r.Status, got, a.want)
				}
			}
			if got, want := slices.Sorted(maps.Keys(p.Addrs())), slices.Sorted(maps.Keys(open)); !slices.Equal(got, want) {
				t.Errorf("open are %q, want %q", got, want)
			}
		})
	}
}

// TestLimitsBySide: what an edge refuses, a service's neighbour may send. What
// the file says stands for both.
func TestLimitsBySide(t *testing.T) {
	requests := []struct {
		name         string
		path         string
		fields       []string
		edge, beside int
	}{
		{"head of 40 KiB", "/", []string{"x: " + strings.Repeat("a", 40<<10)}, 431, 200},
		{"110 fields", "/", slices.Repeat([]string{"x: a"}, 110), 431, 200},
		{"first line of 10 KiB", "/" + strings.Repeat("a", 10<<10), nil, 414, 200},
		{"head of 70 KiB", "/", []string{"x: " + strings.Repeat("a", 70<<10)}, 431, 431},
	}
	toml := bothRoles(mirror(t, "app").Addr, mirror(t, "orders").Addr, tagging(t))
	p := coretest.ProxyWith(t, toml, coretest.Options{Role: "gateway+sidecar"})
	for _, r := range requests {
		for side, want := range map[string]int{"gateway": r.edge, "inbound": r.beside, "outbound": r.beside} {
			if got := from(t, p.Addr(side), "orders", r.path, r.fields...); got.Status != want {
				t.Errorf("%s, %s: %d, want %d", side, r.name, got.Status, want)
			}
		}
	}
	p = coretest.ProxyWith(t, toml+"[limits]\nhead_count = 20\n", coretest.Options{Role: "gateway+sidecar"})
	for _, side := range []string{"gateway", "inbound", "outbound"} {
		if got := from(t, p.Addr(side), "orders", "/", slices.Repeat([]string{"x: a"}, 30)...); got.Status != 431 {
			t.Errorf("%s: %d for more fields than the file's limit, want 431", side, got.Status)
		}
	}
}

// TestAppIsGone: the app beside us is an upstream like any other.
func TestAppIsGone(t *testing.T) {
	toml := bothRoles(coretest.Refusing(t), mirror(t, "orders").Addr, tagging(t))
	p := coretest.ProxyWith(t, toml, coretest.Options{Role: "sidecar"})
	if r := from(t, p.Addr("inbound"), "app", "/"); r.Status != 502 {
		t.Errorf("%+v, want 502", r)
	}
	if r := from(t, p.Addr("outbound"), "orders", "/"); r.Status != 200 {
		t.Errorf("the other direction: %+v", r)
	}
}
