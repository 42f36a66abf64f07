package httpwasm

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/weirproxy/weir/core/abi/guestlog"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/wasm"
)

// Filter is a module with its configuration and its instances: a filter.Filter.
type Filter struct {
	host   *Host
	key    string
	spec   Spec // without the module's code
	module *wasm.Module
	pool   *wasm.Pool
	traits
	ended atomic.Bool
	parts sync.Pool // of *part, so that a stream allocates nothing
	log   guestlog.Limit
	cries guestlog.Limit // about the pool
	counts
}

var _ filter.Filter = (*Filter)(nil)

// counts is what is shown of a filter.
type counts struct {
	streams     atomic.Uint64 // that came to it
	traps       atomic.Uint64
	unavailable atomic.Uint64 // streams for which no instance was to be had
}

// newFilter loads a module and starts its first instance.
func newFilter(ctx context.Context, h *Host, key string, s Spec) (*Filter, error) {
	f := &Filter{host: h, key: key, spec: s}
	f.spec.Code = nil
	f.spec.Config = slices.Clone(s.Config)
	f.log.Init(s.LogLines)
	f.cries.Init(1)
	if err := f.loadModule(ctx, s.Code); err != nil {
		return nil, err
	}
	var err error
	f.pool, err = wasm.NewPool(ctx, wasm.VMConfig{
		Name:   s.Name,
		Module: f.module,
		Lanes:  s.Instances,
		Env:    s.Env,
		Clock:  h.Clock,
		Start:  f.start,
		Lost:   f.lost,
		Output: f.output,

		Breaker: h.Breaker,
	}, wasm.PoolOptions{Wait: s.Wait})
	if err != nil {
		f.module.Close()
		return nil, err
	}
	return f, nil
}

// Name is the filter's key in the configuration.
func (f *Filter) Name() string { return f.spec.Name }

// Phases are those in which a guest of this module can have something to do.
func (f *Filter) Phases() filter.Phases { return f.phases }

// Group is none: filters share nothing.
func (f *Filter) Group() any { return nil }

// Attach makes a part. It takes an instance at its first callback only.
func (f *Filter) Attach(s filter.Stream, _ filter.Part) (filter.Part, error) {
	p, _ := f.parts.Get().(*part)
	if p == nil {
		p = &part{filter: f}
	}
	p.stream = s
	f.streams.Add(1)
	return p, nil
}

// Close ends the filter when the last snapshot that names it is gone.
func (f *Filter) Close() {
	if f.host.filters.Drop(f.key) {
		f.end()
	}
}

func (f *Filter) end() {
	if f.ended.Swap(true) {
		return
	}
	f.pool.Close()
	f.module.Close()
}
