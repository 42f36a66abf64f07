package proxywasm_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/wasm"
)

// engine is one for all tests: compiled code is shared and cached.
var engine *wasm.Engine

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "proxywasm")
	if err != nil {
		panic(err)
	}
	if engine, err = wasm.New(wasm.Options{CacheDir: dir, Log: slog.New(slog.DiscardHandler)}); err != nil {
		panic(err)
	}
	code := m.Run()
	engine.Close()
	os.RemoveAll(dir)
	os.Exit(code)
}

// host is a Host and what surrounds it.
type host struct {
	*proxywasm.Host
	t      testing.TB
	log    *recorder
	caller *caller
	state  *state.Store
}

func newHost(t testing.TB) *host {
	t.Helper()
	h := &host{t: t, log: &recorder{}, caller: &caller{canceled: make(chan struct{}, 1000)}, state: state.New(state.Options{})}
	h.Host = proxywasm.New(proxywasm.Options{
		Engine:  engine,
		State:   h.state,
		Metrics: observe.NewMetrics("test").Guests(),
		Caller:  h.caller,
		Log:     slog.New(h.log),
		Node:    proxywasm.Node{ID: "node-1"},
		Role:    "gateway",
		Version: "1.2.3",
	})
	t.Cleanup(h.Close)
	return h
}

// try loads a script, with a spec that edit may change.
func (h *host) try(s *script, edit ...func(*proxywasm.Spec)) (filter.Filter, error) {
	return h.tryCode(s.bytes(), edit...)
}

func (h *host) tryCode(code []byte, edit ...func(*proxywasm.Spec)) (filter.Filter, error) {
	spec := proxywasm.Spec{Name: "f", RootID: "root", Code: code, Lanes: 1, LogLines: 1 << 20}
	for _, e := range edit {
		e(&spec)
	}
	return h.Filter(context.Background(), spec)
}

func (h *host) load(s *script, edit ...func(*proxywasm.Spec)) filter.Filter {
	h.t.Helper()
	f, err := h.try(s, edit...)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(f.Close)
	return f
}

// lines are the guests' log lines so far, without the time of each.
func (h *host) lines() []string { return h.log.all() }

// wait waits until a line was logged.
func (h *host) wait(line string) {
	h.t.Helper()
	if !h.log.waitFor(line, coretest.Patience) {
		h.t.Fatalf("no line %q within 5 s; there are:\n%s", line, strings.Join(h.lines(), "\n"))
	}
}

// expect compares all lines so far, in order, and forgets them.
func (h *host) expect(want ...string) {
	h.t.Helper()
	got := h.log.take()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		h.t.Errorf("the guest logged:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// recorder is a slog.Handler that keeps messages.
type recorder struct {
	mu      sync.Mutex
	lines   []string
	records []slog.Record
	changed chan struct{}
	level   slog.Level
}

func (r *recorder) Enabled(_ context.Context, l slog.Level) bool { return l >= r.level }
func (r *recorder) WithAttrs([]slog.Attr) slog.Handler           { return r }
func (r *recorder) WithGroup(string) slog.Handler                { return r }

func (r *recorder) Handle(_ context.Context, rec slog.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, rec.Message)
	r.records = append(r.records, rec.Clone())
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
	return nil
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.lines...)
}

func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	lines := r.lines
	r.lines, r.records = nil, nil
	return lines
}

func (r *recorder) waitFor(line string, d time.Duration) bool {
	limit := time.After(d)
	for {
		r.mu.Lock()
		for _, l := range r.lines {
			if l == line {
				r.mu.Unlock()
				return true
			}
		}
		if r.changed == nil {
			r.changed = make(chan struct{})
		}
		changed := r.changed
		r.mu.Unlock()
		select {
		case <-changed:
		case <-limit:
			return false
		}
	}
}

// caller is a filter.Caller whose answers a test gives.
type caller struct {
	mu       sync.Mutex
	requests []filter.CallRequest
	done     []func(*filter.CallResponse)
	err      error
	answer   func(r filter.CallRequest) *filter.CallResponse // at once, from another goroutine
	canceled chan struct{}
	streams  []*streamCall
}

func (c *caller) Call(r filter.CallRequest, done func(*filter.CallResponse)) (func(), error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	c.requests = append(c.requests, r)
	c.done = append(c.done, done)
	if c.answer != nil {
		answer := c.answer(r)
		go done(answer)
	}
	return func() { c.canceled <- struct{}{} }, nil
}

// finish answers call n.
func (c *caller) finish(n int, r *filter.CallResponse) {
	c.mu.Lock()
	list := c.done
	c.mu.Unlock()
	list[n](r)
}

func (c *caller) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.requests)
}

// pairs is a serialised map.
func pairs(kv ...string) string {
	le := func(n int) string { return string([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}) }
	sizes, data := "", ""
	for i := 0; i < len(kv); i += 2 {
		sizes += le(len(kv[i])) + le(len(kv[i+1]))
		data += kv[i] + "\x00" + kv[i+1] + "\x00"
	}
	return le(len(kv)/2) + sizes + data
}

func hexOf(s string) string { return fmt.Sprintf("%x", s) }
