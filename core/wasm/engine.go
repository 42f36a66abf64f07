package wasm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"golang.org/x/sync/singleflight"
)

// Options are an Engine's.
type Options struct {
	// CacheDir keeps compiled code between runs: see cache.go for what it must
	// be like. Empty: none is kept.
	CacheDir string
	Log      *slog.Logger // nil: slog.Default
}

// Engine compiles modules, and holds what was compiled.
type Engine struct {
	config wazero.RuntimeConfig
	dir    string // of the cache's entries, "" without
	leave  func() // ends the use of dir
	log    *slog.Logger

	loads  singleflight.Group
	mu     sync.Mutex
	shared map[contentKey]*shared
	closed bool
}

// New makes an Engine. It fails where Wasm could only be interpreted, which is
// some 16 times slower, and where the cache's folder is not safe.
func New(o Options) (*Engine, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	config, err := compilerConfig()
	if err != nil {
		return nil, fmt.Errorf("starting the Wasm engine: %w", err)
	}
	config = config.WithCoreFeatures(api.CoreFeaturesV2).
		WithDebugInfoEnabled(false).
		WithMemoryLimitPages(maxMemoryPages)
	e := &Engine{config: config, log: o.Log, shared: map[contentKey]*shared{}}
	if o.CacheDir != "" {
		if e.dir, e.leave, err = useCache(o.CacheDir, o.Log); err != nil {
			return nil, fmt.Errorf("opening the cache of compiled filters: %w", err)
		}
	}
	return e, nil
}

// compilerConfig asks for the compiler. wazero panics where it has none for
// the platform, and where the system lets no code be mapped.
func compilerConfig() (c wazero.RuntimeConfig, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("no compiler for %s/%s on this processor and system (executable memory must be allowed): %v", runtime.GOOS, runtime.GOARCH, r)
		}
	}()
	probe := wazero.NewRuntimeWithConfig(context.Background(), wazero.NewRuntimeConfigCompiler())
	probe.Close(context.Background())
	return wazero.NewRuntimeConfigCompiler(), nil
}

// errEngineClosed is why nothing is loaded any more.
var errEngineClosed = errors.New("the engine is closed")

// Close ends the engine. All VMs must have been closed.
func (e *Engine) Close() error {
	e.mu.Lock()
	e.closed = true
	left := slices.Collect(maps.Values(e.shared))
	clear(e.shared)
	leave := e.leave
	e.leave = nil
	e.mu.Unlock()
	for _, sh := range left {
		sh.close()
	}
	if leave != nil {
		leave()
	}
	return nil
}

// bug reports a failure that is ours and not the guest's.
func (e *Engine) bug(in *Instance, op string, err error) {
	host := ""
	if in.host != nil {
		host = in.host.module + "." + in.host.name
	}
	e.log.Error("a host function failed: this is a bug in the proxy, please report it",
		"vm", in.vm.config.Name, "call", op, "host_function", host, "error", err)
}
