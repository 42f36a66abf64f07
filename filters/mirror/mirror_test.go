package mirror_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/mirror"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "mirror", "testdata") }

func host(t testing.TB, config string) *sdktest.Host {
	h, ok := sdktest.Start(t, "mirror", sdktest.Options{Config: config, Calls: []string{"next"}})
	if !ok {
		t.Fatal(h.Logs())
	}
	return h
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		o    sdktest.Options
		want string
	}{
		{sdktest.Options{Config: `{"cluster":"next"}`}, `cluster: next is not among the filter's calls; write calls = ["next"]`},
		{sdktest.Options{Config: `{"cluster":"next"}`, Calls: []string{"next"}, Elsewhere: true}, "mirror runs in Weir only"},
	} {
		if h, ok := sdktest.Start(t, "mirror", c.o); ok || !strings.Contains(h.Logs()[0], c.want) {
			t.Errorf("taken: %v; log %q", ok, h.Logs())
		}
	}
}

// TestHosts: what the copy's host is made of the request's.
func TestHosts(t *testing.T) {
	for _, c := range []struct{ config, host, want string }{
		{`{"cluster":"next"}`, "shop.example", ""},
		{`{"cluster":"next","host":"next.internal"}`, "shop.example:8080", "next.internal"},
		{`{"cluster":"next","host_suffix":"-shadow"}`, "shop.example", "shop.example-shadow"},
		{`{"cluster":"next","host_suffix":"-shadow"}`, "shop.example:8080", "shop.example-shadow:8080"},
		{`{"cluster":"next","host_suffix":"-shadow"}`, "[2001:db8::1]:8080", "[2001:db8::1]:8080"},
	} {
		s := host(t, c.config).Stream(sdktest.Request{Authority: c.host})
		if m := s.Mirror(); m.Cluster != "next" || m.Host != c.want {
			t.Errorf("%s: the copy of %s is %+v", c.config, c.host, m)
		}
		s.Finish()
	}
}

// TestShare keeps to percent, within five standard deviations.
func TestShare(t *testing.T) {
	const n = 10_000
	h := host(t, `{"cluster":"next","percent":12.5}`)
	for range n {
		h.Stream(sdktest.Request{}).Finish()
	}
	if d := float64(h.Metric("mirror_asked_total")) - n*0.125; d*d > 25*n*0.125*0.875 {
		t.Errorf("%d of %d were copied", h.Metric("mirror_asked_total"), n)
	}
}
