package wasm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/tetratelabs/wazero"
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
		sh.close()
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
		sh.close()
	}
}

// build finds compiled code in the cache, or meters and compiles.
func (e *Engine) build(key contentKey, code []byte) (*shared, error) {
	if e.dir == "" {
		return e.make(key, code, "")
	}
	sh, err := e.recall(key)
	if err == nil {
		return sh, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		e.log.Warn("a damaged entry was removed from the cache of compiled filters", "entry", e.entry(key), "error", err)
		if err := os.RemoveAll(e.entry(key)); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp(e.dir, "making-")
	if err != nil {
		e.uncached(err)
		return e.make(key, code, "")
	}
	defer os.RemoveAll(dir)
	return e.make(key, code, dir)
}

// uncached tells that the cache cannot be written, which costs time only.
func (e *Engine) uncached(err error) {
	e.log.Warn("compiled code could not be kept and will be compiled again next time", "dir", e.dir, "error", err)
}

// make meters and compiles, and makes an entry of it in a scratch folder. Then
// it takes what is in the cache, which needs less memory.
func (e *Engine) make(key contentKey, code []byte, dir string) (*shared, error) {
	sh := &shared{key: key, pages: key.pages}
	r, err := e.rewrite(sh, code)
	if err != nil {
		return nil, err
	}
	sh.info = r.Info
	if dir == "" {
		return sh, e.compile(sh, r.Code, "")
	}
	if err := e.compile(sh, r.Code, filepath.Join(dir, wholeName)); err != nil {
		// The disk may be full. What else is wrong is so without it as well.
		return sh, e.compile(sh, r.Code, "")
	}
	if err := e.keep(sh, r.Code, dir); err != nil {
		e.uncached(err)
		return sh, nil
	}
	kept, err := e.recall(key)
	if err != nil {
		e.uncached(err)
		return sh, nil
	}
	sh.close()
	return kept, nil
}

// compile makes a runtime with one module. Machine code is looked for, and
// kept, in a folder of wazero's within dir.
func (e *Engine) compile(sh *shared, module []byte, dir string) (err error) {
	config := e.config
	sh.cache = nil
	if dir != "" {
		if sh.cache, err = wazero.NewCompilationCacheWithDir(dir); err != nil {
			return err
		}
		config = config.WithCompilationCache(sh.cache)
	}
	ctx := experimental.WithCompilationWorkers(context.Background(), runtime.GOMAXPROCS(0))
	sh.runtime = wazero.NewRuntimeWithConfig(ctx, config)
	if sh.code, err = sh.runtime.CompileModule(ctx, module); err != nil {
		sh.close()
		return fmt.Errorf("compiling: %w", err)
	}
	return nil
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
	language := meter.LanguageUnknown
	if err == nil {
		language = r.Info.Language
	} else if info, err := meter.Describe(code); err == nil {
		language = info.Language // so that the error names the limit that holds
	}
	if language != meter.LanguageGo {
		sh.pages = DefaultMemoryPages
		r, err = meter.Rewrite(code, meter.Options{MemoryPages: sh.pages, Depth: stackKiB})
	}
	return r, err
}
