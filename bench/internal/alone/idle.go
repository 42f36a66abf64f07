package alone

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/weirproxy/weir/bench/internal/reply"
	"github.com/weirproxy/weir/bench/internal/system"
	"github.com/weirproxy/weir/bench/internal/wrk"
)

const (
	starts    = 5               // warm ones; odd, the median counts
	settle    = 3 * time.Second // before memory is read: collectors give back late
	loadFor   = 5               // seconds
	askEvery  = time.Millisecond
	coldLimit = 2000 // ms
	warmLimit = 100  // ms
	idleLimit = 40   // MiB
	usedLimit = 64   // MiB
)

// Idle measures Weir with five filters of its own: from its start to its first
// answer, with and without compiled modules in the cache, and its memory
// before and after load.
func Idle(ctx context.Context, setup *system.Setup) ([]Figure, error) {
	sys := system.Idle()
	if err := setup.Prepare(ctx, []system.System{sys}); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(setup.Cache()); err != nil {
		return nil, fmt.Errorf("emptying the compile cache: %w", err)
	}
	cold, r, err := start(ctx, setup, sys)
	if err != nil {
		return nil, err
	}
	var warm []float64
	for range starts {
		setup.Stop(r)
		var ms float64
		if ms, r, err = start(ctx, setup, sys); err != nil {
			return nil, err
		}
		warm = append(warm, ms)
	}
	idle, err := resident(ctx, r)
	if err != nil {
		return nil, err
	}
	load := wrk.Load{
		Path: setup.Wrk(), Dir: setup.Dir, Threads: 2, Connections: 64, Headers: system.Headers,
	}
	if _, err := load.Run(ctx, r.URL, reply.Size, loadFor); err != nil {
		return nil, err
	}
	used, err := resident(ctx, r)
	return []Figure{
		{"start to first answer, cold cache", cold, "ms", coldLimit},
		{"start to first answer, warm cache", middle(warm), "ms", warmLimit},
		{"resident, before traffic", idle, "MiB", idleLimit},
		{"resident, after traffic", used, "MiB", usedLimit},
	}, err
}

// start gives the milliseconds to the first answer.
func start(ctx context.Context, setup *system.Setup, sys system.System) (float64, *system.Running, error) {
	from := time.Now()
	r, err := setup.Launch(ctx, sys, askEvery)
	return float64(time.Since(from).Microseconds()) / 1000, r, err
}

// resident gives the memory in MiB, once it has settled.
func resident(ctx context.Context, r *system.Running) (float64, error) {
	select {
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	case <-time.After(settle):
	}
	n, err := r.Resident()
	return float64(n) / (1 << 20), err
}
