//go:build !race

package apikey_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB) *sdktest.Stream {
	s := sdktest.New(tb, "apikey", one).Stream(sdktest.Request{Path: "/a/b", Headers: sdktest.H("x-api-key", "ann-0123456789abcdef")})
	s.Respond(sdktest.Response{})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) {
	s := run(t)
	s.Again()
	if s.Local() {
		t.Fatalf("refused: %s", s.Details())
	}
	if n := testing.AllocsPerRun(200, s.Again); n > 0 {
		t.Errorf("%v allocations a stream", n)
	}
}

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
