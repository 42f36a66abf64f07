// Package realhost is the world of behaviour scripts in which filters run as
// WebAssembly, in the real host and chain.
//
// Start at [New].
package realhost

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/trial/rig"
	"github.com/weirproxy/weir/core/wasm"
	"github.com/weirproxy/weir/filters/filtertest"
)

// World runs filters of one module, by their root ids.
type World struct {
	engine *wasm.Engine
	code   []byte

	// keep holds the first filter, and with it the compiled module: later rigs
	// share that instead of loading it again.
	keep struct {
		sync.Once
		rig *rig.Rig
	}
}

// Code is the module.
func (w *World) Code() []byte { return w.code }

// Build compiles the module of all built-in filters with the checkout's
// toolchain. Go's build cache makes the second time quick.
func Build(root string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "weir-filters")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "builtin.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", out, "./filters/builtin/guest")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the built-in filters: %w\n%s", err, text)
	}
	return os.ReadFile(out)
}

// New starts an engine. Compiled code is kept in the user's cache, which
// all test binaries share: under the race detector compiling takes seconds.
func New(code []byte) (*World, error) {
	o := wasm.Options{Log: slog.New(slog.DiscardHandler)}
	if dir, err := os.UserCacheDir(); err == nil {
		o.CacheDir = filepath.Join(dir, "weir-test", "wasm")
	}
	e, err := wasm.New(o)
	if err != nil {
		return nil, err
	}
	return &World{engine: e, code: code}, nil
}

// Close ends the engine.
func (w *World) Close() {
	if w.keep.rig != nil {
		w.keep.rig.Close()
	}
	w.engine.Close()
}

// Name is the name of its subtests.
func (w *World) Name() string { return "wasm" }

// Start configures a filter in a host of its own.
func (w *World) Start(t *testing.T, name, config string, calls []string) (filtertest.Host, string, bool) {
	r, err := w.rig(1, table(name, config, calls))
	if err != nil {
		return nil, err.Error(), false
	}
	t.Cleanup(r.Close)
	return &host{t, r}, "", true
}

func table(name, text string, calls []string) config.Filter {
	return config.Filter{Use: name, RootID: name, Config: text, Calls: calls}
}

// rig makes a chain of filters, with so many instances, whose calls nobody answers.
func (w *World) rig(lanes int, filters ...config.Filter) (*rig.Rig, error) {
	return w.answered(nil, lanes, filters...)
}

// answered makes one whose calls are answered.
func (w *World) answered(reply func(*rig.Call) *rig.Reply, lanes int, filters ...config.Filter) (*rig.Rig, error) {
	o := rig.Options{
		Reply:  reply,
		Engine: w.engine, Lanes: lanes, Filters: map[string]config.Filter{},
		Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	b := builtins{code: w.code}
	for i, f := range filters {
		name := fmt.Sprintf("test-%d", i)
		o.Filters[name] = f
		o.Chain = append(o.Chain, name)
		b.names = append(b.names, f.Use)
	}
	o.Builtins = b
	r, err := rig.New(context.Background(), o)
	if err != nil {
		return nil, err
	}
	w.keep.Do(func() { w.keep.rig, err = rig.New(context.Background(), o) })
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// builtins is a module under the names that its filters are asked for by.
type builtins struct {
	code  []byte
	names []string
}

func (b builtins) Module() ([]byte, error) { return b.code, nil }
func (b builtins) Names() []string         { return b.names }

func (builtins) Clusters(string) map[string]bool { return nil }
