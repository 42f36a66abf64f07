package httpwasm

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

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

	mu      sync.Mutex // guards the map and the users of its values
	filters map[string]*Filter
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
	return &Host{Options: o, filters: make(map[string]*Filter)}
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
	h.mu.Lock()
	f := h.filters[key]
	if f != nil {
		f.users++
	}
	h.mu.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := newFilter(ctx, h, key, s)
	if err != nil {
		return nil, fmt.Errorf("loading filter %q: %w", s.Name, err)
	}
	h.mu.Lock()
	h.filters[key] = f
	h.mu.Unlock()
	return f, nil
}

// drop gives back one use of a filter. The last one ends it.
func (h *Host) drop(f *Filter) {
	h.mu.Lock()
	f.users--
	last := f.users == 0
	if last && h.filters[f.key] == f {
		delete(h.filters, f.key)
	}
	h.mu.Unlock()
	if last {
		f.end()
	}
}

// Close ends all filters. Streams must have ended before.
func (h *Host) Close() {
	for _, f := range h.all() {
		f.end()
	}
	h.mu.Lock()
	clear(h.filters)
	h.mu.Unlock()
}

func (h *Host) all() []*Filter {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*Filter, 0, len(h.filters))
	for _, f := range h.filters {
		all = append(all, f)
	}
	return all
}
