package httpwasm

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/wasm"
	"github.com/weirproxy/weir/core/wasm/meter"
)

// traits are what a module's imports and exports tell of its guests.
type traits struct {
	phases filter.Phases
	reads  bool // it may read bodies
	silent bool // handle_response does nothing: it need not be called
}

// The guest's exports.
const (
	exportRequest  = "handle_request"
	exportResponse = "handle_response"
	exportMemory   = "memory"
)

// loadModule compiles the module and checks what it imports and exports.
func (f *Filter) loadModule(ctx context.Context, code []byte) error {
	var unknown []string
	s := &f.spec
	m, err := f.host.Engine.Load(ctx, wasm.Source{
		Name:   s.Name,
		Code:   code,
		Hash:   s.Hash,
		Limits: wasm.Limits{MemoryPages: s.MemoryPages, Budget: s.Budget, HostCalls: s.HostCalls},
		Resolve: func(module, name string, params, results []api.ValueType) (wasm.Func, error) {
			return f.resolve(module, name, params, results, func(name string) { unknown = append(unknown, name) })
		},
	})
	if err != nil {
		return err
	}
	info, err := meter.Describe(code)
	if err == nil {
		err = checkExports(info)
	}
	if err != nil {
		m.Close()
		return err
	}
	f.module, f.traits = m, traitsOf(info)
	if len(unknown) > 0 {
		slices.Sort(unknown)
		f.host.Log.Warn("a filter module imports functions that this host does not have; to call one ends the instance",
			"filter", s.Name, "functions", strings.Join(unknown, " "))
	}
	return nil
}

// checkExports wants the guest's two functions and its memory.
func checkExports(info meter.Info) error {
	for _, want := range []struct {
		name string
		kind meter.Kind
		typ  string
	}{
		{exportRequest, meter.KindFunction, "() -> i64"},
		{exportResponse, meter.KindFunction, "(i32, i32)"},
		{exportMemory, meter.KindMemory, ""},
	} {
		x := slices.IndexFunc(info.Exports, func(e meter.Export) bool { return e.Name == want.name })
		switch {
		case x < 0 || info.Exports[x].Kind != want.kind:
			return fmt.Errorf("the module exports no %v %q, which http-wasm asks for", want.kind, want.name)
		case info.Exports[x].Type != want.typ:
			return fmt.Errorf("the module exports %q as %s, http-wasm asks for %s", want.name, info.Exports[x].Type, want.typ)
		}
	}
	return nil
}

// traitsOf finds the phases in which a guest can have something to do. The
// others cost nothing, and bodies keep their length where nobody looks at them.
func traitsOf(info meter.Info) traits {
	imports := func(names ...string) bool {
		return slices.ContainsFunc(info.Imports, func(i meter.Import) bool {
			return i.Module == hostModule && slices.Contains(names, i.Name)
		})
	}
	t := traits{phases: filter.PhaseRequestHeaders, reads: imports("read_body")}
	for _, e := range info.Exports {
		t.silent = t.silent || e.Name == exportResponse && e.Noop
	}
	features := imports("enable_features")
	writesFields := imports("set_header_value", "add_header_value")
	writesBody := imports("write_body")
	if t.reads || writesBody || features && writesFields {
		t.phases |= filter.PhaseRequestBody | filter.PhaseRequestTrailers
	}
	if !t.silent || writesFields || writesBody {
		t.phases |= filter.PhaseResponseHeaders
	}
	if writesBody || features && (!t.silent || writesFields) {
		t.phases |= filter.PhaseResponseBody | filter.PhaseResponseTrailers
	}
	return t
}
