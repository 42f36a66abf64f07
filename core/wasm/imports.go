package wasm

import (
	"context"
	"fmt"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/fault"
)

// Func is a host function. Its arguments are in stack, its result goes to
// stack[0]. It runs with the lane locked, inside a callback, and must not
// block. It may panic with a *[Trap].
//
// An i32 argument has garbage in its upper half: read it with [U32].
type Func func(in *Instance, stack []uint64)

// U32 is an i32 argument.
func U32(v uint64) uint32 { return uint32(v) }

// Resolver gives the host function a module imports, for the signature it
// imports it with. A nil Func without an error means that it knows none of
// that name, and an error that it knows one of another signature. WASI is not
// asked for: it is the engine's.
type Resolver func(module, name string, params, results []api.ValueType) (Func, error)

// hostFunc is one resolved import of one module.
type hostFunc struct {
	module, name string
	fn           Func
}

// Call implements api.GoModuleFunction. The context is the one given to
// CallWithStack, which wazero hands on as it is: that is how a host function
// finds its instance without a table or a lock.
func (h *hostFunc) Call(ctx context.Context, _ api.Module, stack []uint64) {
	in := (*Instance)(ctx.(*callContext))
	if in.hostCalls--; in.hostCalls < 0 {
		panic(&Trap{fault.GuestBudget, "more host calls than one callback may make"})
	}
	in.host = h
	h.fn(in, stack)
	in.host = nil
	if in.cause != nil {
		panic(in.cause)
	}
}

// imported is one function import of a module.
type imported struct {
	module, name    string
	params, results []api.ValueType
}

func (i imported) String() string {
	return fmt.Sprintf("%q.%q %s", i.module, i.name, signature(i.params, i.results))
}

// signature is a function's type as the Wasm text format has it.
func signature(params, results []api.ValueType) string {
	s := "("
	for i, p := range params {
		if i > 0 {
			s += ","
		}
		s += api.ValueTypeName(p)
	}
	s += ")"
	for _, r := range results {
		s += "->" + api.ValueTypeName(r)
	}
	return s
}

// hosts are the instantiated host modules of one Module, by name.
type hosts struct {
	modules map[string]api.Module
	code    []wazero.CompiledModule
}

// ImportError is why a function cannot be imported.
type ImportError struct {
	Module, Name string
	text         string // the import with its type
	Err          error
}

func (i imported) wrong(err error) ImportError {
	return ImportError{i.module, i.name, i.String(), err}
}

func (e ImportError) Error() string { return fmt.Sprintf("import %s: %v", e.text, e.Err) }
func (e ImportError) Unwrap() error { return e.Err }

// resolved is an import and the function that was found for it.
type resolved struct {
	imported
	fn api.GoModuleFunction
}

// resolveAll asks resolve once for each name that is imported, and says what
// is wrong with each of the others.
func resolveAll(imports []imported, resolve func(imported) (api.GoModuleFunction, error)) (found []resolved, wrong []ImportError) {
	seen := map[[2]string]imported{}
	for _, i := range imports {
		key := [2]string{i.module, i.name}
		if first, ok := seen[key]; ok {
			if !slices.Equal(first.params, i.params) || !slices.Equal(first.results, i.results) {
				wrong = append(wrong, i.wrong(fmt.Errorf("also imported as %s", signature(first.params, first.results))))
			}
			continue
		}
		seen[key] = i
		fn, err := resolve(i)
		if err != nil {
			wrong = append(wrong, i.wrong(err))
			continue
		}
		found = append(found, resolved{i, fn})
	}
	return found, wrong
}

// link makes host modules of the imports, each with exactly the signatures
// the module asks for.
func link(ctx context.Context, r wazero.Runtime, imports []imported, resolve func(imported) (api.GoModuleFunction, error)) (*hosts, error) {
	found, wrong := resolveAll(imports, resolve)
	if len(wrong) > 0 {
		return nil, wrong[0]
	}
	h := &hosts{modules: map[string]api.Module{}}
	builders := map[string]wazero.HostModuleBuilder{}
	for _, i := range found {
		b := builders[i.module]
		if b == nil {
			b = r.NewHostModuleBuilder(i.module)
			builders[i.module] = b
		}
		b.NewFunctionBuilder().WithGoModuleFunction(i.fn, i.params, i.results).Export(i.name)
	}
	for name, b := range builders {
		code, err := b.Compile(ctx)
		if err != nil {
			h.close(ctx)
			return nil, fmt.Errorf("imports of %q: %w", name, err)
		}
		h.code = append(h.code, code)
		m, err := r.InstantiateModule(ctx, code, wazero.NewModuleConfig().WithName(""))
		if err != nil {
			h.close(ctx)
			return nil, fmt.Errorf("imports of %q: %w", name, err)
		}
		h.modules[name] = m
	}
	return h, nil
}

// get is an experimental.ImportResolver.
func (h *hosts) get(name string) api.Module {
	if m, ok := h.modules[name]; ok {
		return m
	}
	return nil
}

func (h *hosts) close(ctx context.Context) {
	for _, m := range h.modules {
		m.Close(ctx)
	}
	for _, c := range h.code {
		c.Close(ctx)
	}
}
