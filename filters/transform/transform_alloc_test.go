//go:build !race

package transform_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// run takes a stream through whose host's work is left out.
func run(tb testing.TB) *sdktest.Stream {
	h, ok := sdktest.Start(tb, "transform", sdktest.Options{
		Config: `{"request":{"remove":["a"],"set":{"by":"{client_ip}"}}}`, HeadWaits: true,
		Functions: map[string]func([]byte) ([]byte, error){"weir.json_edit": func([]byte) ([]byte, error) { return changed, nil }},
	})
	if !ok {
		tb.Fatal(h.Logs())
	}
	s := h.Stream(sdktest.Request{Method: "POST", Headers: sdktest.H("content-type", "application/json"), Body: `{"a":1}`,
		Properties: map[string]string{"weir.client_ip": "192.0.2.1"}})
	if got := string(s.Upstream().Body); got != string(changed) {
		tb.Fatalf("upstream saw %q: %v", got, h.Logs())
	}
	s.Respond(sdktest.Response{})
	s.Finish()
	return s
}

var changed = []byte(`{"by":"x"}`)

func TestAllocatesNothing(t *testing.T) { filtertest.AllocatesNothing(t, run(t)) }

func BenchmarkStream(b *testing.B) { filtertest.BenchmarkStream(b, run(b)) }
