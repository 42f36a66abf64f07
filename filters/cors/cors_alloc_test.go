//go:build !race

package cors_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB) *sdktest.Stream {
	h, ok := sdktest.Start(tb, "cors", sdktest.Options{Config: `{"origins":["https://a.test","https://*.b.test"],"credentials":true,"expose":["x-a"]}`, Without: []string{"weir.edits"}})
	if !ok {
		tb.Fatal(h.Logs())
	}
	s := h.Stream(sdktest.Request{Headers: sdktest.H("origin", "https://x.b.test")})
	s.Respond(sdktest.Response{Headers: sdktest.H("access-control-allow-origin", "*")})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) { filtertest.AllocatesNothing(t, run(t)) }

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
