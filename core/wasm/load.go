package wasm

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

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
	sh, err := e.acquire(ctx, contentKey{sha256.Sum256(s.Code), s.Limits.MemoryPages}, s.Code)
	if err != nil {
		return nil, err
	}
	m := &Module{engine: e, name: s.Name, shared: sh, limits: s.Limits, refs: 1}
	m.limits.MemoryPages = sh.pages
	if m.limits.Budget == 0 {
		m.limits.Budget = DefaultBudget
	}
	if m.limits.HostCalls == 0 {
		m.limits.HostCalls = DefaultHostCalls
	}
	if m.hosts, err = e.link(ctx, sh, s.Resolve); err != nil {
		e.release(sh)
		return nil, err
	}
	return m, nil
}

// acquire finds or makes the compiled code of a content and counts one user of it.
func (e *Engine) acquire(ctx context.Context, key contentKey, code []byte) (*shared, error) {
	for {
		e.mu.Lock()
		if e.closed {
			e.mu.Unlock()
			return nil, errEngineClosed
		}
		if sh := e.shared[key]; sh != nil {
			sh.refs++
			e.mu.Unlock()
			return sh, nil
		}
		e.mu.Unlock()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		// The work serves all who want it, so it ends with none of them. Nobody
		// uses it yet when it is done: the next round takes it.
		name := fmt.Sprintf("%x %d", key.hash, key.pages)
		done := e.loads.DoChan(name, func() (any, error) {
			sh, err := e.build(key, code)
			if err == nil {
				e.mu.Lock()
				e.shared[key] = sh
				e.mu.Unlock()
			}
			return nil, err
		})
		select {
		case r := <-done:
			if r.Err != nil {
				return nil, r.Err
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// release gives up one use of sh.
func (e *Engine) release(sh *shared) {
	e.mu.Lock()
	sh.refs--
	last := sh.refs == 0
	if last {
		delete(e.shared, sh.key)
	}
	e.mu.Unlock()
	if last {
		sh.code.Close(context.Background())
	}
}

// build meters and compiles.
func (e *Engine) build(key contentKey, code []byte) (*shared, error) {
	sh := &shared{key: key, pages: key.pages}
	r, err := e.rewrite(sh, code)
	if err != nil {
		return nil, err
	}
	sh.info = r.Info
	ctx := experimental.WithCompilationWorkers(context.Background(), runtime.GOMAXPROCS(0))
	sh.code, err = e.runtime.CompileModule(ctx, r.Code)
	if err != nil && e.dir != "" {
		// An entry may have been damaged since we looked, or the disk be full:
		// the second attempt does without.
		if _, err := verifyEntries(e.dir); err != nil {
			return nil, err
		}
		sh.code, err = e.runtime.CompileModule(ctx, r.Code)
	}
	if err != nil {
		return nil, fmt.Errorf("compiling: %w", err)
	}
	if e.dir != "" {
		if err := sealEntries(e.dir); err != nil {
			e.log.Warn("compiled code could not be sealed and will be compiled again next time", "error", err)
		}
	}
	return sh, nil
}

// rewrite meters a module under its memory limit, whose default depends on
// what the module turns out to be.
func (e *Engine) rewrite(sh *shared, code []byte) (*meter.Result, error) {
	if sh.pages != 0 {
		return meter.Rewrite(code, meter.Options{MemoryPages: sh.pages})
	}
	sh.pages = DefaultGoMemoryPages
	r, err := meter.Rewrite(code, meter.Options{MemoryPages: sh.pages})
	if err == nil && r.Info.Language != meter.LanguageGo {
		sh.pages = DefaultMemoryPages
		r, err = meter.Rewrite(code, meter.Options{MemoryPages: sh.pages})
	}
	return r, err
}

// errUnknown is what an import nobody knows fails with.
var errUnknown = errors.New("the host has no function of this name and type")

// link resolves all function imports of compiled code.
func (e *Engine) link(ctx context.Context, sh *shared, resolve Resolver) (*hosts, error) {
	var imports []imported
	for _, d := range sh.code.ImportedFunctions() {
		module, name, _ := d.Import()
		imports = append(imports, imported{module, name, d.ParamTypes(), d.ResultTypes()})
	}
	return link(ctx, e.runtime, imports, func(i imported) (api.GoModuleFunction, error) {
		if i.module == meter.Module && i.name == meter.Refuel {
			return api.GoModuleFunc(refuel), nil
		}
		fn, err := find(i, resolve)
		if err != nil {
			return nil, err
		}
		return &hostFunc{module: i.module, name: i.name, fn: fn}, nil
	})
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
