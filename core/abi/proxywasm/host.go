package proxywasm

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/weirproxy/weir/core/abi/loaded"
	"github.com/weirproxy/weir/core/coding"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/foreign"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/wasm"
)

// Options are what a Host works with.
type Options struct {
	Engine  *wasm.Engine
	State   *state.Store
	Metrics *observe.GuestMetrics
	Foreign *foreign.Registry // nil: all functions of package foreign
	// Encoders are what weir.encode takes of; nil: as many as fit into 64 MiB.
	Encoders *coding.Encoders
	Caller   filter.Caller // nil: no calls
	Clock    wasm.Clock    // nil: the system's
	Log      *slog.Logger  // nil: discarded
	Node     Node          // who this proxy is
	Role     string        // "gateway", "sidecar"
	Version  string        // of Weir
}

// Host makes filters of Proxy-Wasm modules. All methods may be called from any
// goroutine.
type Host struct {
	Options
	calls   atomic.Int64 // in flight, of all filters
	errands atomic.Int64 // foreign functions that run beside lanes
	notices atomic.Int64 // goroutines that tell roots of their queues

	filters loaded.Table[*Filter]
	vms     loaded.Table[*vm]
	load    sync.Mutex // one filter is loaded at a time
	ending  sync.WaitGroup
}

// maxCallsInFlight bounds the calls of all filters together.
const maxCallsInFlight = 4096

// New makes a Host.
func New(o Options) *Host {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Foreign == nil {
		o.Foreign = foreign.NewRegistry()
	}
	if o.Encoders == nil {
		o.Encoders = coding.New(64 << 20)
	}
	if o.Clock == nil {
		o.Clock = wasm.SystemClock
	}
	return &Host{Options: o}
}

// Filter loads a filter and configures it. An equal one that lives is shared:
// each call needs a Close of what it answers. A filter that differs in its
// Config alone gets a new root in the VM that lives.
//
// The error is for the operator: it holds the guest's last log lines.
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
	v, err := h.vm(ctx, &s)
	if err != nil {
		return nil, fmt.Errorf("loading filter %q: %w", s.Name, err)
	}
	r, err := v.addRoot(ctx, &s)
	if err != nil {
		h.release(v)
		return nil, fmt.Errorf("loading filter %q: %w", s.Name, err)
	}
	f := newFilter(h, key, r)
	h.filters.Add(key, f)
	return f, nil
}

// vm finds the VM of a spec or loads its module for a new one. Each answer is
// one use, for release.
func (h *Host) vm(ctx context.Context, s *Spec) (*vm, error) {
	key := s.vmKey()
	if v, ok := h.vms.Share(key); ok {
		return v, nil
	}
	v, err := newVM(ctx, h, key, s)
	if err != nil {
		return nil, err
	}
	h.vms.Add(key, v)
	return v, nil
}

// release gives back one use of a VM. The last one closes it, which waits
// for its callbacks: no lane may be locked.
func (h *Host) release(v *vm) {
	if h.vms.Drop(v.key) {
		v.close()
	}
}

// Close ends all VMs. Streams must have ended before.
func (h *Host) Close() {
	h.filters.Clear()
	for _, v := range h.vms.Clear() {
		v.close()
	}
	h.ending.Wait()
}
