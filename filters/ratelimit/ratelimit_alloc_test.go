//go:build !race

package ratelimit_test

import (
	"testing"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// counted stands in for the emulated counter, which allocates.
func counted() map[string]func([]byte) ([]byte, error) {
	answer := make([]byte, 32)
	answer[0], answer[8] = 1, 9
	return map[string]func([]byte) ([]byte, error){
		"weir.rate_take": func([]byte) ([]byte, error) { return answer, nil },
	}
}

func run(tb testing.TB, config string) *sdktest.Stream {
	h, ok := sdktest.Start(tb, "ratelimit", sdktest.Options{Config: config, Functions: counted(), Without: []string{"weir.edits"}})
	if !ok {
		tb.Fatal(h.Logs())
	}
	s := h.Stream(sdktest.Request{Properties: map[string]string{"weir.client_ip": "192.0.2.1"}})
	s.Respond(sdktest.Response{Headers: []sdk.Field{{Name: "a", Value: "b"}}})
	s.Finish()
	return s
}

func TestAllocatesNothing(t *testing.T) {
	for _, config := range []string{
		`{"requests":10,"per":"1s"}`,
		`{"requests":10,"per":"1s","always":true,"key":"{client_ip}-{route}"}`,
		`{"requests":10,"per":"1s","always":true,"headers":"draft-06"}`,
	} {
		s := run(t, config)
		s.Again()
		if n := testing.AllocsPerRun(200, s.Again); n > 0 {
			t.Errorf("%s: %v allocations a stream", config, n)
		}
	}
}

func BenchmarkStream(b *testing.B) {
	s := run(b, `{"requests":10,"per":"1s"}`)
	b.ReportAllocs()
	for b.Loop() {
		s.Again()
	}
}
