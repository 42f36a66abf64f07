//go:build !race

package accesslog_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func run(tb testing.TB) *sdktest.Stream {
	h, ok := sdktest.Start(tb, "accesslog", sdktest.Options{Config: `{"fields":{"tenant":"{header:x-tenant}","kind":"{response_header:x-kind} {status}"},"sample":0.5}`, Without: []string{"weir.edits"}})
	if !ok {
		tb.Fatal(h.Logs())
	}
	s := h.Stream(sdktest.Request{Headers: sdktest.H("x-tenant", "t1")})
	s.Respond(sdktest.Response{Status: 500, Headers: sdktest.H("x-kind", "k")})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) { filtertest.AllocatesNothing(t, run(t)) }

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
