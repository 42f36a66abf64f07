package wasm

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/weirproxy/weir/core/wasm/meter"
)

// Instance is one live guest. All of it is guarded by its lane's lock, and a
// view of its memory is good until the guest runs again or the instance ends.
type Instance struct {
	// User is the ABI's state of this instance.
	User any

	vm   *VM
	lane *Lane
	mod  api.Module
	mem  linear

	budget  int64 // of each callback, in fuel: more while it starts
	fuel    meterState
	recurse api.MutableGlobal // stack left to the guest, nil when it cannot recurse
	deepest uint64            // what it begins with
	boot    context.Context   // the values wazero looks up while it instantiates
	host    *hostFunc         // the host function that runs
	stack   [maxSlots]uint64
	nested  [maxSlots]uint64
	depth   int  // 0: no guest code runs; 1: a callback; more: allocators
	started bool // Start has returned nil: the ABI is told of its end

	hostCalls int
	cause     error // why it ended; the first stays
	output    [2]line
	born      time.Time
}

// maxSlots bounds a callback's arguments and results.
const maxSlots = 16

// callContext is the Instance in the guise of the context that wazero hands
// through to host functions.
type callContext Instance

// Deadline, Done, Err and Value implement context.Context. A callback's end is
// the meter's business.
func (c *callContext) Deadline() (time.Time, bool) { return time.Time{}, false }
func (c *callContext) Done() <-chan struct{}       { return nil }
func (c *callContext) Err() error                  { return nil }

// Value implements context.Context.
func (c *callContext) Value(key any) any {
	if c.boot == nil {
		return nil
	}
	return c.boot.Value(key)
}

// instantiate makes the guest of in and runs its module's start section, the
// only code of a guest that wazero itself calls.
func (in *Instance) instantiate(ctx context.Context) (err error) {
	m := in.vm.module
	in.born = time.Now()
	in.boot = in.mem.with(experimental.WithImportResolver(ctx, m.hosts.get))
	in.prepare()
	defer func() {
		in.boot = nil
		if r := recover(); r != nil {
			cause, ok := r.(error)
			if !ok || !errors.Is(cause, errNoMemory) {
				panic(r)
			}
			err = cause
		}
		if err != nil {
			in.mem.Free() // wazero forgets it when it fails halfway
		}
	}()
	in.depth++
	in.mod, err = m.shared.runtime.InstantiateModule((*callContext)(in), m.shared.code,
		wazero.NewModuleConfig().WithName("").WithStartFunctions())
	in.depth--
	if err != nil {
		if why := errors.Unwrap(err); why != nil && strings.HasPrefix(err.Error(), "start ") {
			err = why // wazero names another function than the one that failed
		}
		return in.classify("the module's start section", err)
	}
	in.fuel.bind(in.mod)
	if in.recurse, _ = in.mod.ExportedGlobal(meter.Depth).(api.MutableGlobal); in.recurse != nil {
		in.deepest = in.recurse.Get()
	}
	return nil
}

// close gives the guest's memory back. No guest code runs, and none must:
// what it would touch is not there any more.
func (in *Instance) close() {
	in.flush()
	if in.cause == nil {
		in.cause = in.vm.unavailable(errClosed)
	}
	in.mod.Close(context.Background())
}

// Lane is where the instance lives.
func (in *Instance) Lane() *Lane { return in.lane }

// Info is what the meter found in the module.
func (in *Instance) Info() meter.Info { return in.vm.module.Info() }

// Dead says that the instance never runs again.
func (in *Instance) Dead() bool { return in.cause != nil }

// Depth is 0 while no guest code runs, 1 in a callback, and one more in each
// call that a host function makes back into the guest.
func (in *Instance) Depth() int { return in.depth }

// Fail ends the instance for a reason of the ABI's. In a callback that happens
// when the host function returns, else at once.
func (in *Instance) Fail(err error) {
	if in.cause != nil {
		return
	}
	in.cause = in.classify("", err)
	if in.depth == 0 {
		in.lane.lose(in)
	}
}
