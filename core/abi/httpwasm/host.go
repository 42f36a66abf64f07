package httpwasm

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/weirproxy/weir/core/abi/loaded"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/wasm"
)

// Options are what a Host works with.
type Options struct {
	Engine *wasm.Engine
	Clock  wasm.Clock   // nil: the system's
	Log    *slog.Logger // nil: discarded
	// Breaker says when a filter that keeps failing is left alone; zero values
	// stand for the engine's defaults.
	Breaker wasm.BreakerOptions
}

// Host makes filters of http-wasm modules. All methods may be called from any
// goroutine.
type Host struct {
	Options

	filters loaded.Table[*Filter]
	load    sync.Mutex // one filter is loaded at a time
}

// New makes a Host.
func New(o Options) *Host {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = wasm.SystemClock
	}
	return &Host{Options: o}
}

// Filter loads a filter and starts its first instance. An equal one that lives
// is shared: each call needs a Close of what it answers.
func (h *Host) Filter(ctx context.Context, s Spec) (filter.Filter, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	s.withDefaults()
	h.load.Lock()
	defer h.load.Unlock()
	key := s.key()
	if f, ok := h.filters.Share(key); ok {
		return f, nil
	}
	f, err := newFilter(ctx, h, key, s)
	if err != nil {
		return nil, fmt.Errorf("loading filter %q: %w", s.Name, err)
	}
	h.filters.Add(key, f)
	return f, nil
}

// Close ends all filters. Streams must have ended before.
func (h *Host) Close() {
	for _, f := range h.filters.Clear() {
		f.end()
	}
}
