package alone

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/weirproxy/weir/bench/internal/reply"
	"github.com/weirproxy/weir/bench/internal/system"
	"github.com/weirproxy/weir/bench/internal/wrk"
)

const (
	collectRuns   = 5 // odd, the median counts
	collectFor    = 5 // seconds of load
	collectConns  = 16
	guestLimit    = 32 // MiB
	callbackLimit = 15 // ms
)

// Collector measures what a filter in Go takes that keeps 100,000 objects and
// makes more with each request: the memory of its guests, and their longest
// callback, which is the one that a collection falls into. Weir says both.
func Collector(ctx context.Context, setup *system.Setup) ([]Figure, error) {
	sys := system.Collecting()
	if err := setup.Prepare(ctx, []system.System{sys}); err != nil {
		return nil, err
	}
	var memory, longest, calls []float64
	for range collectRuns {
		r, err := setup.Start(ctx, sys)
		if err != nil {
			return nil, err
		}
		load := wrk.Load{Path: setup.Wrk(), Dir: setup.Dir, Threads: 2, Connections: collectConns, Headers: system.Headers}
		if _, err := load.Run(ctx, r.URL, reply.Size, collectFor); err != nil {
			return nil, err
		}
		g, err := guests(ctx, r.Admin)
		if err != nil {
			return nil, err
		}
		setup.Stop(r)
		memory = append(memory, g.memory)
		longest = append(longest, g.longest)
		calls = append(calls, g.calls)
	}
	return []Figure{
		{"callbacks of a guest", middle(calls), "", 0},
		{"memory of a guest with 100,000 objects", middle(memory), "MiB", guestLimit},
		{"its longest callback", middle(longest), "ms", callbackLimit},
		{"the same in the best run", slices.Min(longest), "ms", 0},
	}, nil
}

// worst is the most of each figure among a filter's guests.
type worst struct{ memory, longest, calls float64 }

// guests asks Weir for its one filter.
func guests(ctx context.Context, admin string) (worst, error) {
	var w worst
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, admin+"/filters", nil)
	if err != nil {
		return w, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return w, fmt.Errorf("asking for the filters: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	var filters []struct {
		Lanes []struct {
			Calls    uint64        `json:"callbacks"`
			Traps    uint64        `json:"traps"`
			Budget   uint64        `json:"budget_exceeded"`
			Restarts uint64        `json:"restarts"`
			Longest  time.Duration `json:"longest_ns"`
			Memory   int           `json:"memory_bytes"`
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&filters); err != nil {
		return w, fmt.Errorf("reading the filters: %w", err)
	}
	for _, f := range filters {
		for _, l := range f.Lanes {
			if l.Traps+l.Budget+l.Restarts > 0 {
				return w, fmt.Errorf("judging the filter: of its guest, %d callbacks trapped and %d used up their budget", l.Traps, l.Budget)
			}
			w.memory = max(w.memory, float64(l.Memory)/(1<<20))
			w.longest = max(w.longest, float64(l.Longest.Microseconds())/1000)
			w.calls = max(w.calls, float64(l.Calls))
		}
	}
	if w.calls == 0 {
		return w, fmt.Errorf("judging the filter: none was called")
	}
	return w, nil
}
