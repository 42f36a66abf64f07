package circuitbreaker_test

import (
	"strings"
	"testing"

	_ "github.com/weirproxy/weir/filters/circuitbreaker"
	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) {
	filtertest.Run(t, filtertest.Native, "circuitbreaker", "testdata")
}

func TestScriptsByCallbacks(t *testing.T) {
	filtertest.Run(t, filtertest.ByCallbacks, "circuitbreaker", "testdata")
}

func TestOtherHostsAreRefused(t *testing.T) {
	h, ok := sdktest.Start(t, "circuitbreaker", sdktest.Options{Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "circuitbreaker runs in Weir only") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
}

// TestHoldsOverLanesAndReloads has one circuit on two hosts with one store, and
// then on a third, as after a reload.
func TestHoldsOverLanesAndReloads(t *testing.T) {
	store := sdktest.NewStore()
	start := func(config string) *sdktest.Host {
		h, ok := sdktest.Start(t, "circuitbreaker", sdktest.Options{Config: config, Store: store})
		if !ok {
			t.Fatal(h.Logs())
		}
		return h
	}
	through := func(h *sdktest.Host) bool {
		s := h.Stream(sdktest.Request{})
		s.Respond(sdktest.Response{Status: 503})
		s.Finish()
		return !s.Local()
	}
	a, b := start(`{"consecutive":3}`), start(`{"consecutive":3}`)
	if !through(a) || !through(b) || !through(a) || through(b) || through(a) {
		t.Error("two lanes let through another number than three")
	}
	a.Close()
	if through(start(`{"consecutive":9}`)) {
		t.Error("a reload forgot that the circuit is open")
	}
}

// TestProbesAreBounded: those under way are counted, one that is not back in time
// gives its place to another, and what says nothing of the upstream too.
func TestProbesAreBounded(t *testing.T) {
	h := sdktest.New(t, "circuitbreaker", `{"consecutive":1,"open":"1s","probes":2}`)
	s := h.Stream(sdktest.Request{})
	s.Respond(sdktest.Response{Status: 503})
	s.Finish()
	h.Advance(1e9)
	first, second, third := h.Stream(sdktest.Request{}), h.Stream(sdktest.Request{}), h.Stream(sdktest.Request{})
	if first.Local() || second.Local() || !third.Local() {
		t.Error("another number than two probes went through")
	}
	first.Finish() // without an answer: its client went away
	if s := h.Stream(sdktest.Request{}); s.Local() {
		t.Error("the place of a probe that ended was not given back")
	}
	h.Advance(1e9)
	fresh := [...]*sdktest.Stream{h.Stream(sdktest.Request{}), h.Stream(sdktest.Request{})}
	second.Respond(sdktest.Response{Status: 503}) // too late: it counts no more
	second.Finish()
	for _, s := range fresh {
		if s.Local() {
			t.Error("a probe that was not back in time kept its place")
		}
		s.Respond(sdktest.Response{Open: true}) // the body takes its time
	}
	if h.Metric("circuitbreaker_closed_total") != 1 {
		t.Error("good probes did not close the circuit")
	}
}

func TestWhatCannotBeAskedGoesOn(t *testing.T) {
	fails := map[string]func([]byte) ([]byte, error){
		"weir.circuit_enter": func([]byte) ([]byte, error) { return nil, sdk.ErrInternal },
	}
	h, ok := sdktest.Start(t, "circuitbreaker", sdktest.Options{Functions: fails})
	if !ok {
		t.Fatal(h.Logs())
	}
	if h.Stream(sdktest.Request{}).Local() || h.Metric("circuitbreaker_unavailable_total") != 1 {
		t.Error("the request did not go on, or that was not counted")
	}
}
