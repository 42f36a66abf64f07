//go:build !race

package deadline_test

import (
	"testing"

	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestAllocatesNothing(t *testing.T) {
	h := sdktest.New(t, "deadline", `{"most":"1s"}`)
	s := h.Stream(sdktest.Request{Headers: sdktest.H("x-envoy-expected-rq-timeout-ms", "250")})
	s.Finish()
	s.Again()
	if n := testing.AllocsPerRun(200, s.Again); n > 0 {
		t.Errorf("%v allocations a stream", n)
	}
}
