package route_test

import (
	"fmt"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/stream"
)

// kind makes route i of a table, and a request that it takes.
type kind struct {
	name string
	make func(i int) (config.Match, string)
}

var kinds = append(plainKinds, kind{"mixed", mixed})

var plainKinds = []kind{
	{"exact", func(i int) (config.Match, string) {
		p := fmt.Sprintf("/api/service-%05d/status", i)
		return config.Match{Path: p}, "www.example.com" + p
	}},
	{"prefix", func(i int) (config.Match, string) {
		p := fmt.Sprintf("/api/service-%05d", i)
		return config.Match{PathPrefix: p}, "www.example.com" + p + "/orders/17"
	}},
	{"template", func(i int) (config.Match, string) {
		p := fmt.Sprintf("/api/service-%05d", i)
		return config.Match{PathTemplate: p + "/{id}/orders/{rest...}"}, "www.example.com" + p + "/7/orders/17"
	}},
	{"regex", func(i int) (config.Match, string) {
		p := fmt.Sprintf("/api/service-%05d/", i)
		return config.Match{PathRegex: p + "[0-9]+"}, "www.example.com" + p + "17"
	}},
	{"host", func(i int) (config.Match, string) {
		h := fmt.Sprintf("tenant-%05d.example.com", i)
		return config.Match{Hosts: []string{h}, PathPrefix: "/"}, h + "/api/orders/17"
	}},
	{"suffix", func(i int) (config.Match, string) {
		h := fmt.Sprintf("tenant-%05d.example.com", i)
		return config.Match{Hosts: []string{"*." + h}, PathPrefix: "/"}, "www." + h + "/api/orders/17"
	}},
}

// mixed takes turns between five kinds, and asks every second route for a method.
func mixed(i int) (config.Match, string) {
	m, target := plainKinds[i%5].make(i)
	if i%2 == 0 {
		m.Methods = []string{"GET"}
	}
	return m, target
}

// large is a table of n routes of a kind, and what they match.
func large(tb testing.TB, k kind, n int) (*route.Table, []string) {
	tb.Helper()
	routes, targets := make([]config.Route, n), make([]string, n)
	for i := range routes {
		routes[i].Match, targets[i] = k.make(i)
	}
	return table(tb, routes), targets
}

func requests(targets ...string) (heads []*stream.RequestHead) {
	for _, t := range targets {
		heads = append(heads, request(t))
	}
	return heads
}

// BenchmarkMatch looks up one path again and again, ten that lie evenly in the
// table, and all of them. With all of 10,000, neither the table nor the
// requests fit into the processor's nearer caches.
func BenchmarkMatch(b *testing.B) {
	for _, k := range kinds {
		for _, n := range []int{10, 1000, 10_000} {
			tab, targets := large(b, k, n)
			var ten []string
			for i := range 10 {
				ten = append(ten, targets[i*n/100*10+i]) // the same mixture for each n
			}
			for _, set := range []struct {
				name  string
				heads []*stream.RequestHead
			}{{"one", requests(ten[5])}, {"ten", requests(ten...)}, {"all", requests(shuffled(targets)...)}} {
				b.Run(fmt.Sprintf("%s/%s/%d", k.name, set.name, n), func(b *testing.B) {
					b.ReportAllocs()
					var c route.Captures
					next := 0
					for b.Loop() {
						if _, ok := tab.Match(set.heads[next], &c); !ok {
							b.Fatal("no route")
						}
						if next++; next == len(set.heads) {
							next = 0
						}
					}
				})
			}
		}
	}
}

// shuffled is list in an order without neighbours.
func shuffled(list []string) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i*7919%len(list)] = list[i] // a prime that divides no length used
	}
	return out
}

func BenchmarkConditions(b *testing.B) {
	tab := table(b, []config.Route{named("c", config.Match{
		PathPrefix: "/", Methods: []string{"GET"},
		Headers: map[string]string{"x-canary": "1", "authorization": "!"},
		Query:   map[string]string{"a b": "c&d", "n": "~[0-9]+"},
	})})
	h := request("GET /x?m=1&a+b=c%26d&n=1%31", "accept: */*", "user-agent: x", "x-canary: 1")
	var c route.Captures
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := tab.Match(h, &c); !ok {
			b.Fatal("no route")
		}
	}
}

func BenchmarkNormalize(b *testing.B) {
	for _, tt := range []struct{ name, target string }{
		{"short", "/"},
		{"normal", "/api/v1/users/12345/orders/67890"},
		{"query", "/api/v1/users?page=2&per_page=50&sort=name&filter=%7Ba%7D"},
		{"escaped", "/files/a%20b/c%C3%A9.txt"},
		{"dots", "/api//v1/./users/../orders?x=1"},
	} {
		b.Run(tt.name, func(b *testing.B) {
			n, err := route.NewNormalizer(config.Paths{})
			if err != nil {
				b.Fatal(err)
			}
			target, scratch := []byte(tt.target), []byte(nil)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := n.Normalize(target, &scratch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	routes := make([]config.Route, 10_000)
	for i := range routes {
		routes[i].Match, _ = mixed(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := route.New(routes, "gateway"); err != nil {
			b.Fatal(err)
		}
	}
}
