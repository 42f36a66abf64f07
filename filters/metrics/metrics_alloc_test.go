//go:build !race

package metrics_test

import (
	"testing"

	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB) *sdktest.Stream {
	h := sdktest.New(tb, "metrics", `{"measure":["requests"],"labels":{"route":"{route}","class":"{status_class}"}}`)
	s := h.Stream(sdktest.Request{Properties: map[string]string{"xds.route_name": "orders"}})
	s.Respond(sdktest.Response{Status: 200})
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
