package requestid_test

import (
	"slices"
	"testing"
	"time"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/requestid"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "requestid", "testdata") }

func TestScriptsByCallbacks(t *testing.T) {
	filtertest.Run(t, filtertest.ByCallbacks, "requestid", "testdata")
}

// hosts are those that make the ids and those that leave it to the filter.
func hosts(t *testing.T, do func(t *testing.T, h *sdktest.Host)) {
	for name, without := range map[string][]string{"by the host": nil, "by the filter": {"weir.edits"}} {
		t.Run(name, func(t *testing.T) {
			h, ok := sdktest.Start(t, "requestid", sdktest.Options{Without: without})
			if !ok {
				t.Fatal(h.Logs())
			}
			do(t, h)
		})
	}
}

func TestIDsDifferAndSortByTime(t *testing.T) {
	hosts(t, func(t *testing.T, h *sdktest.Host) {
		var ids []string
		for range 1000 {
			h.Advance(time.Microsecond)
			ids = append(ids, h.Stream(sdktest.Request{}).Upstream().Get("x-request-id"))
		}
		if !slices.IsSortedFunc(ids, func(a, b string) int {
			return slices.Compare([]byte(a[:18]), []byte(b[:18]))
		}) {
			t.Error("ids do not sort by time")
		}
		slices.Sort(ids)
		if n := len(slices.Compact(ids)); n != 1000 {
			t.Errorf("%d ids of 1000 streams", n)
		}
	})
}

func TestIDsBeginWithTheTime(t *testing.T) {
	hosts(t, func(t *testing.T, h *sdktest.Host) {
		h.Advance(1500 * time.Microsecond)
		const want = "019b76da-a801-7800-" // 2026-01-01T00:00:00.0015Z
		if got := h.Stream(sdktest.Request{}).Upstream().Get("x-request-id"); got[:len(want)] != want {
			t.Errorf("the id is %s, want %s...", got, want)
		}
	})
}

// TestTheResponseHasTheRequestsID in Weir, where the request can still be read,
// and on hosts where it cannot.
func TestTheResponseHasTheRequestsID(t *testing.T) {
	for _, elsewhere := range []bool{false, true} {
		h, ok := sdktest.Start(t, "requestid", sdktest.Options{Elsewhere: elsewhere})
		if !ok {
			t.Fatal("the configuration was refused")
		}
		a, b := h.Stream(sdktest.Request{}), h.Stream(sdktest.Request{Headers: sdktest.H("x-request-id", "mine")})
		for _, s := range []*sdktest.Stream{a, b} {
			s.Respond(sdktest.Response{})
			if up, down := s.Upstream().Get("x-request-id"), s.Downstream().Get("x-request-id"); up == "" || up != down {
				t.Errorf("elsewhere %v: upstream %q, downstream %q", elsewhere, up, down)
			}
			s.Finish()
		}
	}
}
