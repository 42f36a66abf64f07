//go:build !race

package rewrite_test

import (
	"testing"

	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB) *sdktest.Stream {
	h, ok := sdktest.Start(tb, "rewrite", sdktest.Options{Config: `{"strip_prefix":"/api","host":"a.example","query":{"remove":["x"],"set":{"ip":"{client_ip}"}}}`, Without: []string{"weir.edits"}})
	if !ok {
		tb.Fatal(h.Logs())
	}
	s := h.Stream(sdktest.Request{Path: "/api/b?x=1&y=2", Properties: map[string]string{"weir.client_ip": "192.0.2.1"}})
	s.Respond(sdktest.Response{})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) {
	s := run(t)
	s.Again()
	if n := testing.AllocsPerRun(200, s.Again); n > 0 {
		t.Errorf("%v allocations a stream", n)
	}
}

func BenchmarkStream(b *testing.B) {
	s := run(b)
	b.ReportAllocs()
	for b.Loop() {
		s.Again()
	}
}
