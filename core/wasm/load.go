package wasm

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/wasm/meter"
	"github.com/weirproxy/weir/core/wasm/wasi"
)

// Load vets, meters and compiles a module, unless the same content is loaded
// already or the cache has it, and resolves its imports. Everything that can
// be known to be wrong with a module without running it is its error.
func (e *Engine) Load(ctx context.Context, s Source) (*Module, error) {
	m, err := e.load(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("loading Wasm module %q: %w", s.Name, err)
	}
	return m, nil
}

func (e *Engine) load(ctx context.Context, s Source) (*Module, error) {
	if err := s.Limits.check(); err != nil {
		return nil, err
	}
	if s.Hash == (Hash{}) {
		s.Hash = HashOf(s.Code)
	}
	sh, err := e.acquire(ctx, contentKey{s.Hash, s.Limits.MemoryPages}, s.Code)
	if err != nil {
		return nil, err
	}
	m := &Module{engine: e, name: s.Name, shared: sh, limits: s.Limits.withDefaults(sh.pages), refs: 1}
	if m.hosts, err = e.link(ctx, sh, s.Resolve); err != nil {
		e.release(sh)
		return nil, err
	}
	return m, nil
}

// errUnknown is what an import nobody knows fails with.
var errUnknown = errors.New("the host has no function of this name and type")

// link resolves all function imports of compiled code.
func (e *Engine) link(ctx context.Context, sh *shared, resolve Resolver) (*hosts, error) {
	for _, i := range sh.info.Imports {
		if i.Kind != meter.KindFunction {
			return nil, fmt.Errorf("import %q.%q is a %v: the host gives functions alone", i.Module, i.Name, i.Kind)
		}
	}
	return link(ctx, sh.runtime, sh.imports(), host(resolve))
}

// imports are the functions that compiled code imports.
func (sh *shared) imports() []imported {
	var all []imported
	for _, d := range sh.code.ImportedFunctions() {
		module, name, _ := d.Import()
		all = append(all, imported{module, name, d.ParamTypes(), d.ResultTypes()})
	}
	return all
}

// host finds each function that a module may import: the meter's, those of
// WASI and the ABI's.
func host(resolve Resolver) func(imported) (api.GoModuleFunction, error) {
	return func(i imported) (api.GoModuleFunction, error) {
		if i.module == meter.Module && i.name == meter.Refuel {
			return api.GoModuleFunc(refuel), nil
		}
		fn, err := find(i, resolve)
		if err != nil {
			return nil, err
		}
		return &hostFunc{module: i.module, name: i.name, fn: fn}, nil
	}
}

// find asks WASI or the ABI for a host function.
func find(i imported, resolve Resolver) (Func, error) {
	if wasi.Is(i.module) {
		fn, err := wasi.Lookup(i.name, i.params, i.results)
		if err != nil {
			return nil, err
		}
		return func(in *Instance, stack []uint64) { fn(in, stack) }, nil
	}
	if resolve == nil {
		return nil, errUnknown
	}
	fn, err := resolve(i.module, i.name, i.params, i.results)
	if err == nil && fn == nil {
		err = errUnknown
	}
	return fn, err
}

// Foresee compiles a module that is likely to be loaded soon: Load finds it in the
// cache, or waits for what is under way. What is wrong with it, Load will say.
func (e *Engine) Foresee(ctx context.Context, code []byte, l Limits) {
	if sh, err := e.acquire(ctx, contentKey{HashOf(code), l.MemoryPages}, code); err == nil {
		e.release(sh)
	}
}
