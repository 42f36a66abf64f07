//go:build !race

package fault_test

import (
	"testing"

	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestAllocatesNothing(t *testing.T) {
	h := sdktest.New(t, "fault", `{"abort":{"status":503,"percent":0},"delay":{"time":"1s","percent":0},"abort_header":"x-a","delay_header":"x-b"}`)
	s := h.Stream(sdktest.Request{})
	s.Finish()
	s.Again()
	if n := testing.AllocsPerRun(200, s.Again); n > 0 {
		t.Errorf("%v allocations a stream", n)
	}
}
