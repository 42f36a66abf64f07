//go:build !race

package rewrite_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
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

func TestAllocatesNothing(t *testing.T) { filtertest.AllocatesNothing(t, run(t)) }

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
