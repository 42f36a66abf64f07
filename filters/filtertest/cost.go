package filtertest

import (
	"testing"

	"github.com/weirproxy/weir/sdk/sdktest"
)

// AllocatesNothing fails if a stream that has been taken through once allocates
// when it is taken through again. The race detector allocates by itself: tests that
// ask this are built without it.
func AllocatesNothing(t *testing.T, s *sdktest.Stream) {
	t.Helper()
	s.Again()
	if n := testing.AllocsPerRun(200, s.Again); n > 0 {
		t.Errorf("%v allocations a stream", n)
	}
}

// BenchmarkStream takes a stream through again and again.
func BenchmarkStream(b *testing.B, s *sdktest.Stream) {
	b.ReportAllocs()
	for b.Loop() {
		s.Again()
	}
}
