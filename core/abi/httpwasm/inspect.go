package httpwasm

import (
	"slices"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/wasm"
)

// Inspection is what this host makes of a module.
type Inspection struct {
	*wasm.Inspection
	Phases filter.Phases
	Stubs  []string // imported functions that end the instance when they are called
	// Breaches are what keeps the module from being one of this ABI, beside the
	// Problems that would be any module's.
	Breaches []error
}

// Inspect is what loading a module would find out, without running any of it.
// s needs no Resolve.
func Inspect(e *wasm.Engine, s wasm.Source) *Inspection {
	in := &Inspection{}
	var f Filter // resolve asks for none of it before a function is called
	s.Resolve = func(module, name string, params, results []api.ValueType) (wasm.Func, error) {
		return f.resolve(module, name, params, results, func(name string) { in.Stubs = append(in.Stubs, name) })
	}
	in.Inspection = e.Inspect(s)
	slices.Sort(in.Stubs)
	if in.Info.SizeBefore == 0 {
		return in
	}
	in.Phases = traitsOf(in.Info).phases
	if err := checkExports(in.Info); err != nil {
		in.Breaches = append(in.Breaches, err)
	}
	return in
}

// Known says whether a function of the module "http_handler" is one of the
// host's.
func Known(name string) bool { return functions[name] != nil }

// Role is what an export is to this host: "" for one that it does not look at.
func Role(export string) string {
	switch export {
	case exportRequest, exportResponse:
		return "callback"
	}
	return ""
}
