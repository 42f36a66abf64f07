package wasm

import (
	"context"
	"fmt"
	"runtime"

	"github.com/tetratelabs/wazero/experimental"
	"golang.org/x/sync/singleflight"

	"github.com/weirproxy/weir/core/wasm/meter"
)

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
			go e.abandon(key, done)
			return nil, ctx.Err()
		}
	}
}

// abandon drops what a load that was given up has made, unless others use it.
func (e *Engine) abandon(key contentKey, done <-chan singleflight.Result) {
	<-done
	e.mu.Lock()
	sh := e.shared[key]
	unused := sh != nil && sh.refs == 0
	if unused {
		delete(e.shared, key)
	}
	e.mu.Unlock()
	if unused {
		sh.code.Close(context.Background())
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

// stackKiB is how deep a guest may recurse, in native stack. wazero keeps the
// stack that a Function once grew to, so this much may be held by each.
const stackKiB = 2048

// rewrite meters a module under its memory limit, whose default depends on
// what the module turns out to be.
func (e *Engine) rewrite(sh *shared, code []byte) (*meter.Result, error) {
	if sh.pages != 0 {
		return meter.Rewrite(code, meter.Options{MemoryPages: sh.pages, Depth: stackKiB})
	}
	sh.pages = DefaultGoMemoryPages
	r, err := meter.Rewrite(code, meter.Options{MemoryPages: sh.pages, Depth: stackKiB})
	if err == nil && r.Info.Language != meter.LanguageGo {
		sh.pages = DefaultMemoryPages
		r, err = meter.Rewrite(code, meter.Options{MemoryPages: sh.pages, Depth: stackKiB})
	}
	return r, err
}
