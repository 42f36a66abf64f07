package wasm

import (
	"fmt"

	"github.com/tetratelabs/wazero/api"
)

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
