package fault_test

import (
	"strings"
	"testing"
	"time"

	_ "github.com/weirproxy/weir/filters/fault"
	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "fault", "testdata") }

func TestOtherHostsAreRefused(t *testing.T) {
	h, ok := sdktest.Start(t, "fault", sdktest.Options{Config: `{"delay":{"time":"1s"}}`, Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "fault runs in Weir only") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

// TestDelays: to the moment, and as many at once as may be.
func TestDelays(t *testing.T) {
	h := sdktest.New(t, "fault", `{"delay":{"time":"2s"},"most":2}`)
	a, b, c := h.Stream(sdktest.Request{}), h.Stream(sdktest.Request{Body: "b"}), h.Stream(sdktest.Request{})
	if !a.Paused() || !b.Paused() || c.Paused() {
		t.Error("another number than two is delayed")
	}
	a.Finish()
	if d := h.Stream(sdktest.Request{}); !d.Paused() {
		t.Error("the place of a stream that ended was not given back")
	}
	h.Advance(2*time.Second - 1)
	if !b.Paused() {
		t.Error("a delay ended too soon")
	}
	h.Advance(1)
	if b.Paused() || string(b.Upstream().Body) != "b" {
		t.Error("a delay did not end")
	}
	if h.Metric("fault_delayed_total") != 3 || h.Metric("fault_overflow_total") != 1 {
		t.Errorf("%d delayed, %d beyond", h.Metric("fault_delayed_total"), h.Metric("fault_overflow_total"))
	}
}

// TestDelayedAndAborted: a client's field is looked at behind the delay too.
func TestDelayedAndAborted(t *testing.T) {
	h := sdktest.New(t, "fault", `{"abort_header":"x-fault","delay_header":"x-delay","longest":"5s"}`)
	s := h.Stream(sdktest.Request{Headers: sdktest.H("x-fault", "504", "x-delay", "60000")})
	h.Advance(5*time.Second - 1)
	if !s.Paused() || s.Local() {
		t.Error("answered before the delay was over")
	}
	h.Advance(1)
	if s.Downstream().Status() != 504 || s.Details() != "fault_abort" {
		t.Errorf("status %d, %s", s.Downstream().Status(), s.Details())
	}
}

// TestShares: of many requests about so many fail as are to.
func TestShares(t *testing.T) {
	h := sdktest.New(t, "fault", `{"abort":{"status":500,"percent":12.5}}`)
	const n = 8000
	for range n {
		h.Stream(sdktest.Request{}).Finish()
	}
	if got := h.Metric("fault_aborted_total"); got < n/8-250 || got > n/8+250 { // eight standard deviations
		t.Errorf("%d of %d failed", got, n)
	}
}
