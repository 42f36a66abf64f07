package alone

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/weirproxy/weir/bench/internal/system"
)

const (
	repeats    = 9 // odd, the median counts
	watchFor   = 2 * time.Second
	watchers   = 4
	pace       = 2 * time.Millisecond  // of each watcher
	stallLimit = 5                     // ms
	burnFor    = 10 * time.Millisecond // a callback, at least: what one may use by default
)

// Stall measures how long requests take on one route while a filter on
// another uses all the CPU that filters may by default, again and again; and, to
// compare, while it does not.
func Stall(ctx context.Context, setup *system.Setup) ([]Figure, error) {
	sys := system.Burning()
	if err := setup.Prepare(ctx, []system.System{sys}); err != nil {
		return nil, err
	}
	r, err := setup.Start(ctx, sys)
	if err != nil {
		return nil, err
	}
	turns, took, err := calibrate(ctx, r.BurnURL())
	if err != nil {
		return nil, err
	}
	var still, burning []spread
	for range repeats {
		for _, burns := range []bool{false, true} {
			s, err := watch(ctx, r.URL, r.BurnURL(), turns, burns)
			if err != nil {
				return nil, err
			}
			if burns {
				burning = append(burning, s)
			} else {
				still = append(still, s)
			}
		}
	}
	longest := func(s spread) float64 { return s.longest }
	tail := func(s spread) float64 { return s.p999 }
	return []Figure{
		{"a callback that burns", float64(took.Microseconds()) / 1000, "ms", 0},
		{"p99.9 of the others, without it", middle(each(still, tail)), "ms", 0},
		{"p99.9 of the others, with it", middle(each(burning, tail)), "ms", 0},
		{"longest of the others, without it", middle(each(still, longest)), "ms", 0},
		{"longest of the others, with it", middle(each(burning, longest)), "ms", stallLimit},
		{"the same in the best turn, without it", slices.Min(each(still, longest)), "ms", 0},
		{"the same in the best turn, with it", slices.Min(each(burning, longest)), "ms", 0},
	}, nil
}

// each is a figure of all turns.
func each(of []spread, figure func(spread) float64) []float64 {
	var all []float64
	for _, s := range of {
		all = append(all, figure(s))
	}
	return all
}

// watch sends requests at a steady pace for a while, with or without burning.
func watch(ctx context.Context, url, burnURL string, turns int, burns bool) (spread, error) {
	ctx, cancel := context.WithTimeout(ctx, watchFor)
	defer cancel()
	var (
		all   sync.WaitGroup
		mu    sync.Mutex
		took  []time.Duration
		fault error
	)
	run := func(f func() ([]time.Duration, error)) {
		all.Go(func() {
			times, err := f()
			mu.Lock()
			defer mu.Unlock()
			took = append(took, times...)
			if err != nil && fault == nil {
				fault = err
				cancel()
			}
		})
	}
	if burns {
		run(func() ([]time.Duration, error) {
			return nil, burn(ctx, newClient(burnURL, turns))
		})
	}
	for range watchers {
		run(func() ([]time.Duration, error) { return keepAsking(ctx, newClient(url, 0)) })
	}
	all.Wait()
	if fault != nil {
		return spread{}, fmt.Errorf("watching for stalls: %w", fault)
	}
	return spreadOf(took), nil
}
