// Package realhost is the world of behaviour scripts in which filters run as
// WebAssembly, in the real host and chain.
//
// Start at [New].
package realhost

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/wasm"
	"github.com/weirproxy/weir/filters/filtertest"
)

// World runs filters of one module, by their root ids.
type World struct {
	engine *wasm.Engine
	code   []byte

	// keep holds the first filter, and with it the compiled module: later hosts
	// share that instead of loading it again.
	keep struct {
		sync.Once
		host   *proxywasm.Host
		filter filter.Filter
	}
}

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
	if w.keep.filter != nil {
		w.keep.filter.Close()
		w.keep.host.Close()
	}
	w.engine.Close()
}

// Name is the name of its subtests.
func (w *World) Name() string { return "wasm" }

// Start configures a filter in a host of its own.
func (w *World) Start(t *testing.T, name, config string, calls []string) (filtertest.Host, string, bool) {
	h := &host{t: t, stream: chain.NewStream()}
	made := w.host(t, h)
	f, err := w.load(made, name, config, calls)
	if err != nil {
		return nil, err.Error(), false
	}
	t.Cleanup(f.Close)
	h.chain = chain.New([]chain.Link{{Filter: f, OnError: filter.FailClosed}}, 1<<20)
	return h, "", true
}

// host makes a host whose clock, log and metrics are h's.
func (w *World) host(t testing.TB, h *host) *proxywasm.Host {
	h.metrics = observe.NewMetrics("test")
	h.now.Store(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	made := proxywasm.New(proxywasm.Options{
		Engine:  w.engine,
		State:   state.New(state.Options{Now: h.now.Load}),
		Metrics: h.metrics.Guests(),
		Log:     slog.New(slog.NewTextHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Node:    "test", Role: "gateway", Version: "test",
	})
	t.Cleanup(made.Close)
	return made
}

// load configures a filter. Its code is compiled once: the first filter of all
// stays until the world ends, in a host of its own.
func (w *World) load(made *proxywasm.Host, name, config string, calls []string) (filter.Filter, error) {
	return w.loadOn(made, 1, name, config, calls)
}

func (w *World) loadOn(made *proxywasm.Host, lanes int, name, config string, calls []string) (filter.Filter, error) {
	spec := proxywasm.Spec{
		Name: "test", RootID: name, Code: w.code, Config: []byte(config), Calls: calls, Lanes: lanes,
		MemoryPages: 1024,
	}
	f, err := made.Filter(context.Background(), spec)
	if err != nil {
		return nil, err
	}
	w.keep.Do(func() {
		w.keep.host = proxywasm.New(proxywasm.Options{Engine: w.engine, State: state.New(state.Options{}), Metrics: observe.NewMetrics("test").Guests()})
		w.keep.filter, err = w.keep.host.Filter(context.Background(), spec)
	})
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// host is a configured filter and the chain it is alone in.
type host struct {
	t       testing.TB
	chain   *chain.Chain
	stream  *chain.Stream
	metrics *observe.Metrics
	now     atomic.Int64
	log     buffer
}

// Advance moves the clock that limits go by. The guest's own goes on as it is.
func (h *host) Advance(d time.Duration) { h.now.Add(int64(d)) }

func (h *host) Logs() []string { return strings.Split(h.log.String(), "\n") }

// Metric finds what the metrics page shows of a name: every byte that cannot
// stand in one made "_", and "_total" behind counters.
func (h *host) Metric(name string) int64 {
	shown := "weir_filter_" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
	families, err := h.metrics.Gatherer().Gather()
	if err != nil {
		h.t.Fatal(err)
	}
	for _, f := range families {
		if n := f.GetName(); n != shown && n != shown+"_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			switch {
			case m.GetCounter() != nil:
				return int64(m.GetCounter().GetValue())
			case m.GetGauge() != nil:
				return int64(m.GetGauge().GetValue())
			}
			return int64(m.GetHistogram().GetSampleCount())
		}
	}
	return 0
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
