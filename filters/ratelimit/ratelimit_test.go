package ratelimit_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/ratelimit"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "ratelimit", "testdata") }

func TestScriptsByCallbacks(t *testing.T) {
	filtertest.Run(t, filtertest.ByCallbacks, "ratelimit", "testdata")
}

func TestOtherHostsAreRefused(t *testing.T) {
	h, ok := sdktest.Start(t, "ratelimit", sdktest.Options{Config: `{"requests":1,"per":"1s"}`, Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "ratelimit runs in Weir only") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

// TestHoldsOverLanesAndReloads runs one limit on two hosts with one store, and
// then on a third, as after a reload.
func TestHoldsOverLanesAndReloads(t *testing.T) {
	store := sdktest.NewStore()
	start := func(config string) *sdktest.Host {
		h, ok := sdktest.Start(t, "ratelimit", sdktest.Options{Config: config, Store: store})
		if !ok {
			t.Fatal(h.Logs())
		}
		return h
	}
	through := func(h *sdktest.Host) bool { return !h.Stream(sdktest.Request{}).Local() }
	a, b := start(`{"requests":3,"per":"1h"}`), start(`{"requests":3,"per":"1h"}`)
	if !through(a) || !through(b) || !through(a) || through(b) || through(a) {
		t.Error("two lanes let through another number than three")
	}
	a.Close()
	if through(start(`{"requests":3,"per":"1h","always":true}`)) {
		t.Error("a reload forgot what was counted")
	}
}

func TestWhatCannotBeCounted(t *testing.T) {
	fails := map[string]func([]byte) ([]byte, error){
		"weir.rate_take": func([]byte) ([]byte, error) { return nil, sdk.ErrInternal },
	}
	for config, status := range map[string]int{
		`{"requests":1,"per":"1s"}`:                           503,
		`{"requests":1,"per":"1s","on_unavailable":"closed"}`: 503,
		`{"requests":1,"per":"1s","on_unavailable":"open"}`:   200,
		`{"requests":1,"per":"1s","dry_run":true}`:            200,
	} {
		h, ok := sdktest.Start(t, "ratelimit", sdktest.Options{Config: config, Functions: fails})
		if !ok {
			t.Fatal(h.Logs())
		}
		s := h.Stream(sdktest.Request{})
		s.Respond(sdktest.Response{})
		if got := s.Downstream().Status(); got != status || h.Metric("ratelimit_unavailable_total") != 1 {
			t.Errorf("%s: status %d, want %d", config, got, status)
		}
	}
}

func TestLongKeysAreDigested(t *testing.T) {
	h := sdktest.New(t, "ratelimit", `{"requests":1,"per":"1h","key":"header:x-long"}`)
	long := strings.Repeat("x", 5000)
	through := func(v string) bool {
		return !h.Stream(sdktest.Request{Headers: sdktest.H("x-long", v)}).Local()
	}
	if !through(long+"a") || !through(long+"b") || through(long+"a") {
		t.Error("long keys are not told apart")
	}
}
