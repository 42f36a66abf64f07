package filters_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/filters/filtertest"
)

// TestALimitHoldsOverLanes has many streams at once ask two instances.
func TestALimitHoldsOverLanes(t *testing.T) {
	w, err := world()
	if err != nil {
		t.Fatal(err)
	}
	const limit, clients, each = 500, 8, 200
	ask := w.Lanes(t, 2, "ratelimit", `{"requests":500,"per":"1h","algorithm":"sliding_window"}`)
	var passed atomic.Int64
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			st := chain.NewStream()
			for range each {
				if ask(st) {
					passed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if got := passed.Load(); got != limit {
		t.Errorf("%d of %d requests passed a limit of %d", got, clients*each, limit)
	}
}

// TestIDsDifferOverLanes: each instance has randomness of its own.
func TestIDsDifferOverLanes(t *testing.T) {
	w, err := world()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for range 5 {
		h, reason, ok := w.Start(t, "requestid", `{"format":"uuidv4"}`, nil)
		if !ok {
			t.Fatal(reason)
		}
		for range 20 {
			out := h.Run(filtertest.Stream{})
			for _, f := range out.Upstream.Fields {
				if f.Name == "x-request-id" {
					ids[f.Value] = true
				}
			}
		}
	}
	if len(ids) != 100 {
		t.Errorf("%d ids of 100 requests to five instances", len(ids))
	}
}
