//go:build !race

package requestid_test

import (
	"testing"

	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB, config string) *sdktest.Stream {
	h, ok := sdktest.Start(tb, "requestid", sdktest.Options{Config: config, Without: []string{"weir.edits"}})
	if !ok {
		tb.Fatal(h.Logs())
	}
	s := h.Stream(sdktest.Request{})
	s.Respond(sdktest.Response{})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) {
	for _, config := range []string{"", `{"format":"uuidv4"}`, `{"response":false}`} {
		s := run(t, config)
		s.Again()
		if n := testing.AllocsPerRun(200, s.Again); n > 0 {
			t.Errorf("%s: %v allocations a stream", config, n)
		}
	}
}

func BenchmarkStream(b *testing.B) {
	s := run(b, "")
	b.ReportAllocs()
	for b.Loop() {
		s.Again()
	}
}
