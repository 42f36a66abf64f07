//go:build !race

package circuitbreaker_test

import (
	"testing"

	"github.com/weirproxy/weir/sdk/sdktest"
)

// closed stands in for the emulated circuit, which allocates.
var closed = map[string]func([]byte) ([]byte, error){
	"weir.circuit_enter": func([]byte) ([]byte, error) { return allowed, nil },
}

var allowed = append([]byte{1}, make([]byte, 15)...)

func TestAllocatesNothing(t *testing.T) {
	for _, config := range []string{`{}`, `{"key":"{route}{property:request.protocol}"}`} {
		h, ok := sdktest.Start(t, "circuitbreaker", sdktest.Options{Config: config, Functions: closed, Without: []string{"weir.edits"}})
		if !ok {
			t.Fatal(h.Logs())
		}
		s := h.Stream(sdktest.Request{Properties: map[string]string{"xds.route_name": "r", "xds.cluster_name": "c"}})
		s.Finish()
		s.Again()
		if n := testing.AllocsPerRun(200, s.Again); n > 0 {
			t.Errorf("%s: %v allocations a stream", config, n)
		}
	}
}
