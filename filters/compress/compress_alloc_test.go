//go:build !race

package compress_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// run takes a stream through, on a host that encodes at no cost.
func run(tb testing.TB) *sdktest.Stream {
	h, ok := sdktest.Start(tb, "compress", sdktest.Options{Functions: map[string]func([]byte) ([]byte, error){
		"weir.encode": func([]byte) ([]byte, error) { return nil, nil }}})
	if !ok {
		tb.Fatal(h.Logs())
	}
	s := h.Stream(sdktest.Request{Headers: sdktest.H("user-agent", "x", "accept-encoding", "gzip, deflate, br, zstd", "cookie", "a=b")})
	s.Respond(page)
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) { filtertest.AllocatesNothing(t, run(t)) }

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
