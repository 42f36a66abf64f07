package route_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/stream"
)

// request reads "METHOD host/path", and headers "name: value".
func request(line string, headers ...string) *stream.RequestHead {
	method, rest, ok := strings.Cut(line, " ")
	if !ok {
		method, rest = "GET", line
	}
	h := &stream.RequestHead{Method: []byte(method), Path: []byte(rest)}
	if slash := strings.IndexByte(rest, '/'); slash > 0 {
		h.Authority, h.Path = []byte(rest[:slash]), []byte(rest[slash:])
	}
	for _, f := range headers {
		name, value, _ := strings.Cut(f, ": ")
		h.Headers.AddString(name, value)
	}
	return h
}

func named(name string, m config.Match) config.Route { return config.Route{Name: name, Match: m} }

func table(tb testing.TB, routes []config.Route) *route.Table {
	tb.Helper()
	t, err := route.New(routes, "gateway")
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// found is the name of the matched route, and the parts of its template.
func found(t *route.Table, routes []config.Route, h *stream.RequestHead) string {
	var c route.Captures
	i, ok := t.Match(h, &c)
	if !ok {
		return ""
	}
	s := routes[i].Name
	for p := range c.Len() {
		name, value := c.At(p, h.Path)
		s += fmt.Sprintf(" %s=%s", name, value)
	}
	return s
}

type lookup struct {
	line    string
	headers []string
	want    string
}

func check(t *testing.T, routes []config.Route, lookups []lookup) {
	t.Helper()
	tab := table(t, routes)
	for _, l := range lookups {
		if got := found(tab, routes, request(l.line, l.headers...)); got != l.want {
			t.Errorf("%s %q: got %q, want %q", l.line, l.headers, got, l.want)
		}
	}
}

func TestHosts(t *testing.T) {
	check(t, []config.Route{
		named("any", config.Match{}),
		named("suffix", config.Match{Hosts: []string{"*.example"}}),
		named("longer", config.Match{Hosts: []string{"*.api.example"}}),
		named("exact", config.Match{Hosts: []string{"A.Example.", "other.test"}}),
		named("six", config.Match{Hosts: []string{"[2001:DB8::1]"}}),
	}, []lookup{
		{"a.example/", nil, "exact"},
		{"A.EXAMPLE/", nil, "exact"},
		{"a.example:8080/", nil, "exact"},
		{"a.example./", nil, "exact"},
		{"A.example.:80/", nil, "exact"},
		{"other.test/", nil, "exact"},
		{"b.example/", nil, "suffix"},
		{"c.b.example/", nil, "suffix"},
		{"api.example/", nil, "suffix"},
		{"X.API.example/", nil, "longer"},
		{"y.x.api.example:1/", nil, "longer"},
		{"example/", nil, "any"},
		{".example/", nil, "any"},
		{"bexample/", nil, "any"},
		{"/", nil, "any"},
		{"[2001:db8::1]/", nil, "six"},
		{"[2001:db8::1]:443/", nil, "six"},
		{"[2001:db8::1/", nil, "any"},
		{strings.Repeat("a.", 200) + "example/", nil, "suffix"},
		{strings.Repeat("A.", 200) + "example/", nil, "any"}, // longer than a name can be
	})
}

func TestPaths(t *testing.T) {
	check(t, []config.Route{
		named("none", config.Match{}),
		named("root", config.Match{PathPrefix: "/"}),
		named("a", config.Match{PathPrefix: "/a"}),
		named("ab", config.Match{PathPrefix: "/a/b"}),
		named("below", config.Match{PathPrefix: "/d/"}),
		named("exact", config.Match{Path: "/a/b/c"}),
		named("regex", config.Match{PathRegex: "/a/b/c|/r/[0-9]+"}),
		named("loose", config.Match{PathRegex: ".*[.]png"}),
		named("longer literal", config.Match{PathRegex: "/r/1.*"}),
	}, []lookup{
		{"/a", nil, "a"},
		{"/a/", nil, "a"},
		{"/a?b", nil, "a"},
		{"/ab", nil, "root"},
		{"/a/b", nil, "ab"},
		{"/a/b/d", nil, "ab"},
		{"/a/bc", nil, "a"},
		{"/a/b/c", nil, "exact"},
		{"/a/b/c?x=1", nil, "exact"},
		{"/a/b/c/", nil, "ab"},
		{"/d", nil, "root"},
		{"/d/", nil, "below"},
		{"/d/x", nil, "below"},
		{"/r/7", nil, "regex"},
		{"/r/17", nil, "longer literal"},
		{"/r/x", nil, "root"},
		{"/r/7/", nil, "root"},
		{"/a/b/x.png", nil, "loose"},
		{"/x.png/y", nil, "root"},
		{"/?", nil, "root"},
		{"OPTIONS *", nil, "none"},
	})
}

func TestTemplates(t *testing.T) {
	check(t, []config.Route{
		named("prefix", config.Match{PathPrefix: "/users"}),
		named("regex", config.Match{PathRegex: "/users/.*"}),
		named("rest", config.Match{PathTemplate: "/users/{rest...}"}),
		named("user", config.Match{PathTemplate: "/users/{id}"}),
		named("slash", config.Match{PathTemplate: "/users/{id}/"}),
		named("orders", config.Match{PathTemplate: "/users/{id}/orders/{rest...}"}),
		named("me", config.Match{PathTemplate: "/users/me/{what}"}),
		named("patch", config.Match{PathTemplate: "/users/me/{verb}", Methods: []string{"PATCH"}}),
		named("two", config.Match{PathTemplate: "/users/{a}/{b}"}),
		named("exact", config.Match{Path: "/users/root"}),
	}, []lookup{
		{"/users", nil, "prefix"},
		{"/users/", nil, "rest rest="},
		{"/users/7", nil, "user id=7"},
		{"/users/7?x=/y", nil, "user id=7"},
		{"/users/7/", nil, "slash id=7"},
		{"/users/root", nil, "exact"},
		{"/users/7/orders", nil, "two a=7 b=orders"},
		{"/users/7/orders/", nil, "orders id=7 rest="},
		{"/users/7/orders/1/2/", nil, "orders id=7 rest=1/2/"},
		{"/users/me", nil, "user id=me"},
		{"/users/me/orders", nil, "me what=orders"},
		{"PATCH /users/me/orders", nil, "patch verb=orders"},
		{"/users/me/orders/3", nil, "orders id=me rest=3"},
		{"/users/7/x/y", nil, "rest rest=7/x/y"},
		{"/users//x", nil, "rest rest=/x"},
		{"/user/7", nil, ""},
	})
}

func TestConditions(t *testing.T) {
	check(t, []config.Route{
		named("plain", config.Match{PathPrefix: "/"}),
		named("get", config.Match{PathPrefix: "/", Methods: []string{"GET", "HEAD"}}),
		named("canary", config.Match{PathPrefix: "/", Headers: map[string]string{"X-Canary": "1", "x-beta": "*"}}),
		named("no auth", config.Match{Path: "/private", Headers: map[string]string{"authorization": "!"}}),
		named("private", config.Match{Path: "/private", Headers: map[string]string{"authorization": "~Bearer .+"}}),
		named("q", config.Match{Path: "/q", Query: map[string]string{"a b": "c&d"}}),
		named("q present", config.Match{Path: "/q", Query: map[string]string{"p": "*"}}),
		named("q regex", config.Match{Path: "/q", Query: map[string]string{"n": "~[0-9]+ x"}}),
		named("q any", config.Match{Path: "/q", Query: map[string]string{"w": "~.*"}}),
		named("q absent", config.Match{Path: "/q", Methods: []string{"GET"}, Query: map[string]string{"z": "!"}}),
	}, []lookup{
		{"GET /", nil, "get"},
		{"HEAD /", nil, "get"},
		{"get /", nil, "plain"},
		{"POST /", nil, "plain"},
		{"GET /", []string{"x-canary: 1", "x-beta: "}, "canary"},
		{"GET /", []string{"x-canary: 1"}, "get"},
		{"GET /", []string{"x-canary: 2", "x-canary: 1", "x-beta: y"}, "canary"},
		{"POST /private", nil, "no auth"},
		{"POST /private", []string{"authorization: Bearer x"}, "private"},
		{"POST /private", []string{"authorization: Basic x"}, "plain"},
		{"POST /private", []string{"authorization: xBearer y"}, "plain"},
		{"POST /q?a+b=c%26d", nil, "q"},
		{"POST /q?x&%61%20b=%63%26d&y", nil, "q"},
		{"POST /q?a%20b=x&a+b=c%26d", nil, "q"},
		{"POST /q?a+b=c&d", nil, "plain"},
		{"POST /q?a+b=c%26dd", nil, "plain"},
		{"POST /q?a+b=c%2", nil, "plain"},
		{"POST /q?p", nil, "q present"},
		{"POST /q?p=%zz", nil, "q present"},
		{"POST /q?x;p=1", nil, "plain"}, // a semicolon does not separate
		{"POST /q?pp=1", nil, "plain"},
		{"POST /q?n=12+%78", nil, "q regex"},
		{"POST /q?n=12", nil, "plain"},
		{"POST /q?n=1%zx", nil, "plain"},
		{"POST /q?w", nil, "q any"},
		{"POST /q?w=%zz", nil, "plain"},
		{"GET /q", nil, "q absent"},
		{"GET /q?z", nil, "get"},
		{"GET /q?%7a=%zz", nil, "get"},
		{"GET /q?zz=1", nil, "q absent"},
		{"POST /q?", nil, "plain"},
	})
}

// A request that a specific host's routes don't take goes on to less specific
// hosts, unless a route without a path stops it.
func TestHostsFallThrough(t *testing.T) {
	routes := []config.Route{
		named("health", config.Match{Path: "/healthz"}),
		named("suffix", config.Match{Hosts: []string{"*.test"}, PathPrefix: "/s"}),
		named("get", config.Match{Hosts: []string{"a.test"}, PathPrefix: "/s", Methods: []string{"GET"}}),
		named("closed", config.Match{Hosts: []string{"b.test"}}),
	}
	check(t, routes, []lookup{
		{"GET a.test/s", nil, "get"},
		{"POST a.test/s", nil, "suffix"},
		{"a.test/healthz", nil, "health"},
		{"a.test/x", nil, ""},
		{"b.test/healthz", nil, "closed"},
		{"b.test/s", nil, "closed"},
	})
}

func TestOrderBreaksTies(t *testing.T) {
	check(t, []config.Route{
		named("1", config.Match{Path: "/", Headers: map[string]string{"a": "*"}}),
		named("2", config.Match{Path: "/", Query: map[string]string{"a": "*"}}),
		named("3", config.Match{Path: "/", Methods: []string{"GET"}}),
		named("4", config.Match{PathRegex: "/x[0-9]"}),
		named("5", config.Match{PathRegex: "/x."}),
	}, []lookup{
		{"GET /?a", []string{"a: 1"}, "1"},
		{"GET /?a", nil, "2"},
		{"GET /", nil, "3"},
		{"/x1", nil, "4"},
		{"/xy", nil, "5"},
	})
}

func TestSides(t *testing.T) {
	routes := []config.Route{
		{Name: "in", On: []config.Side{config.SideInbound}},
		{Name: "out", On: []config.Side{config.SideOutbound, config.SideGateway}},
		{Name: "all", Match: config.Match{PathPrefix: "/all"}},
	}
	for side, want := range map[string]string{"inbound": "in", "outbound": "out", "gateway": "out"} {
		tab, err := route.New(routes, side)
		if err != nil {
			t.Fatal(err)
		}
		if got := found(tab, routes, request("/")); got != want {
			t.Errorf("%s: got %q, want %q", side, got, want)
		}
		if got := found(tab, routes, request("/all")); got != "all" {
			t.Errorf("%s: got %q, want all", side, got)
		}
	}
}

// Every route of a large table is found, and nothing beside them is.
func TestLargeTables(t *testing.T) {
	for _, k := range kinds {
		tab, targets := large(t, k, 3000)
		for i, h := range requests(targets...) {
			if got, ok := tab.Match(h, nil); !ok || got != i {
				t.Fatalf("%s: %s: got %d, %t, want %d", k.name, targets[i], got, ok, i)
			}
		}
		for _, target := range []string{"www.example.com/api/service-03000/status", "tenant-03000.example.com/", "/", "www.example.com/api"} {
			if got, ok := tab.Match(request(target), nil); ok {
				t.Errorf("%s: %s: got %d", k.name, target, got)
			}
		}
	}
}

func TestCaptures(t *testing.T) {
	routes := []config.Route{
		named("t", config.Match{PathTemplate: "/users/{id}/{rest...}"}),
		named("p", config.Match{PathPrefix: "/"}),
	}
	tab := table(t, routes)
	var c route.Captures
	h := request("/users/7/a/b?x")
	if _, ok := tab.Match(h, &c); !ok || c.Len() != 2 {
		t.Fatalf("matched %t with %d parts", ok, c.Len())
	}
	if v, ok := c.Lookup("rest", h.Path); !ok || string(v) != "a/b" {
		t.Errorf("rest: got %q, %t", v, ok)
	}
	if v, ok := c.Lookup("other", h.Path); ok {
		t.Errorf("other: got %q", v)
	}
	if i, ok := tab.Match(h, nil); !ok || i != 0 {
		t.Errorf("without captures: got %d, %t", i, ok)
	}
	if _, ok := tab.Match(request("/x"), &c); !ok || c.Len() != 0 {
		t.Errorf("parts of an earlier lookup are left: %d", c.Len())
	}
	tab.Match(h, &c)
	if _, ok := tab.Match(request("OPTIONS *"), &c); ok || c.Len() != 0 {
		t.Errorf("without a route: got %t and %d parts", ok, c.Len())
	}
}
