//go:build !race

package route_test

import (
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/stream"
)

func TestLookupsAllocateNothing(t *testing.T) {
	var c route.Captures
	for _, k := range kinds {
		tab, targets := large(t, k, 1000)
		heads := requests(targets...)
		next := 0
		allocs := testing.AllocsPerRun(1000, func() {
			if _, ok := tab.Match(heads[next%len(heads)], &c); !ok {
				t.Fatal("no route")
			}
			next++
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations", k.name, allocs)
		}
	}
	tab := table(t, []config.Route{
		named("upper", config.Match{Hosts: []string{"*.example.com"}, Path: "/q", Query: map[string]string{"a b": "1", "n": "~[0-9]+"}}),
		named("fallback", config.Match{}),
	})
	for _, h := range []*stream.RequestHead{request("WWW.Example.COM:80/q?a+b=%31&n=%31"), request("b.example.com/none?%zz")} {
		if allocs := testing.AllocsPerRun(1000, func() { tab.Match(h, &c) }); allocs != 0 {
			t.Errorf("%s: %v allocations", h.Path, allocs)
		}
	}
}

func TestNormalizeAllocatesNothing(t *testing.T) {
	n := normalizer(t, defaults)
	var scratch []byte
	for _, s := range []string{"/a/b?c", "/a/./b//c%3a?x=1", "/a/../..", "/%00"} {
		target := []byte(s)
		if allocs := testing.AllocsPerRun(1000, func() { _, _ = n.Normalize(target, &scratch) }); allocs != 0 {
			t.Errorf("%q: %v allocations", s, allocs)
		}
	}
}

func TestGuardingConditionsAllocateNothing(t *testing.T) {
	c, err := route.NewCondition(&config.Match{PathPrefix: "/a"}, &config.Match{PathPrefix: "/a/open"}, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"/a/b?c=;", "/a/open;v=1/b", "/a/open/..;/b", "/a/%2F"} {
		h := request(s)
		if allocs := testing.AllocsPerRun(1000, func() { c.Meets(h) }); allocs != 0 {
			t.Errorf("%q: %v allocations", s, allocs)
		}
	}
}
