package wasm

import (
	"context"
	"errors"
	"fmt"
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
	in.mod, err = m.engine.runtime.InstantiateModule((*callContext)(in), m.shared.code,
		wazero.NewModuleConfig().WithName("").WithStartFunctions())
	in.depth--
	if err != nil {
		return in.classify("the module's start section", err)
	}
	in.fuel.bind(in.mod)
	if in.recurse, _ = in.mod.ExportedGlobal(meter.Depth).(api.MutableGlobal); in.recurse != nil {
		in.deepest = in.recurse.Get()
	}
	return nil
}

// close gives the guest's memory back. No guest code runs, and none will.
func (in *Instance) close() {
	in.flush()
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

// Read is a view of n bytes of the guest's memory at ptr, false when they are
// not all within it.
func (in *Instance) Read(ptr, n uint32) ([]byte, bool) {
	end := uint64(ptr) + uint64(n)
	if end > uint64(len(in.mem.buf)) {
		return nil, false
	}
	return in.mem.buf[ptr:end:end], true
}

// Write copies b into the guest's memory at ptr, false when there is not room.
func (in *Instance) Write(ptr uint32, b []byte) bool {
	if uint64(ptr)+uint64(len(b)) > uint64(len(in.mem.buf)) {
		return false
	}
	copy(in.mem.buf[ptr:], b)
	return true
}

// WriteU32 stores v at ptr, little endian as Wasm has it.
func (in *Instance) WriteU32(ptr, v uint32) bool {
	b, ok := in.Read(ptr, 4)
	if ok {
		b[0], b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
	}
	return ok
}

// WriteU64 stores v at ptr, little endian as Wasm has it.
func (in *Instance) WriteU64(ptr uint32, v uint64) bool {
	b, ok := in.Read(ptr, 8)
	if ok {
		for i := range 8 {
			b[i] = byte(v >> (8 * i))
		}
	}
	return ok
}

// Memory is the size of the guest's memory in bytes.
func (in *Instance) Memory() int { return len(in.mem.buf) }

// Function is an exported function of one instance. It has a stack of its own
// and cannot be entered twice at once: a host function that calls back while
// the same function runs needs another of the same name.
type Function struct {
	fn      api.Function
	name    string
	params  []api.ValueType
	results []api.ValueType
	slots   int    // on the stack
	mask    uint64 // of the result: an i32 has garbage above it
	busy    bool
}

// Params and Results are the function's type.
func (f *Function) Params() []api.ValueType  { return f.params }
func (f *Function) Results() []api.ValueType { return f.results }

// Func is a new Function for an export, nil when there is none of that name or
// it takes more than a callback may. It costs 10 KiB: look it up once.
func (in *Instance) Func(name string) *Function {
	fn := in.mod.ExportedFunction(name)
	if fn == nil {
		return nil
	}
	d := fn.Definition()
	f := &Function{fn: fn, name: name, params: d.ParamTypes(), results: d.ResultTypes()}
	f.slots = max(len(f.params), len(f.results))
	switch {
	case len(f.results) == 0:
	case f.results[0] == api.ValueTypeI32:
		f.mask = 1<<32 - 1
	default:
		f.mask = 1<<64 - 1
	}
	if f.slots > maxSlots {
		return nil
	}
	return f
}

// String is the function's name and type.
func (f *Function) String() string {
	return fmt.Sprintf("%q %s", f.name, signature(f.params, f.results))
}
