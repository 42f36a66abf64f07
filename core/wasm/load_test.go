package wasm_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/wasm"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// importing is a module with one import.
func importing(module, name, sig string) []byte {
	m := New()
	m.Import(module, name, sig)
	return m.Bytes()
}

func TestLoadFails(t *testing.T) {
	twice := New()
	twice.Import("env", "noop", "")
	twice.Import("env", "noop", "i")
	wantsMemory := append(New().Bytes(), 2, 8, 1, 1, 'e', 1, 'm', 2, 0, 1) // (import "e" "m" (memory 1))
	large := New()
	large.Memory(600, 0)
	invalid := New()
	invalid.Func("f", ":i")
	e := newEngine(t, wasm.Options{})
	for _, c := range []struct {
		name   string
		code   []byte
		limits wasm.Limits
		text   string
	}{
		{"nothing", nil, wasm.Limits{}, ""},
		{"text", []byte("(module)"), wasm.Limits{}, ""},
		{"cut short", guest()[:100], wasm.Limits{}, ""},
		{"does not validate", invalid.Bytes(), wasm.Limits{}, "compiling"},
		{"unknown import", importing("env", "nowhere", "i:i"), wasm.Limits{}, `"env"."nowhere" (i32)->i32`},
		{"unknown module", importing("nowhere", "noop", ""), wasm.Limits{}, ""},
		{"wrong type", importing("env", "typed", "i"), wasm.Limits{}, "takes an i64"},
		{"unknown of WASI", importing("wasi_snapshot_preview1", "fd_fly", "i:i"), wasm.Limits{}, "fd_fly"},
		{"wrong type of WASI", importing("wasi_unstable", "fd_close", "I:i"), wasm.Limits{}, "fd_close takes (i)"},
		{"one name, two types", twice.Bytes(), wasm.Limits{}, "also imported as"},
		{"imported memory", wantsMemory, wasm.Limits{}, "memory"},
		{"too much memory", large.Bytes(), wasm.Limits{}, "600"},
		{"impossible memory", guest(), wasm.Limits{MemoryPages: 1<<16 + 1}, "65537"},
		{"negative budget", guest(), wasm.Limits{Budget: -1}, "budget"},
		{"negative host calls", guest(), wasm.Limits{HostCalls: -1}, "host calls"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := e.Load(context.Background(), wasm.Source{Name: "bad", Code: c.code, Limits: c.limits, Resolve: picky})
			if err == nil {
				m.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), c.text) || !strings.Contains(err.Error(), `"bad"`) {
				t.Errorf("got %v, want %q and the module's name in it", err, c.text)
			}
		})
	}
}

// picky is a Resolver that knows one function by its type.
func picky(module, name string, params, results []api.ValueType) (wasm.Func, error) {
	if name == "typed" && (len(params) != 1 || params[0] != api.ValueTypeI64) {
		return nil, errors.New("typed takes an i64")
	}
	if module != "env" {
		return nil, nil
	}
	return hostFunctions(module, name, params, results)
}

func TestLoadDefaults(t *testing.T) {
	m := load(t, newEngine(t, wasm.Options{}), wasm.Source{Name: "guest", Code: guest()})
	want := wasm.Limits{MemoryPages: 512, Budget: 10 * time.Millisecond, HostCalls: 10000}
	if m.Limits() != want || m.Name() != "guest" {
		t.Errorf("%s has limits %+v", m.Name(), m.Limits())
	}
	params, results, ok := m.Export("add")
	if !ok || !bytes.Equal(params, []byte{api.ValueTypeI32, api.ValueTypeI32}) || !bytes.Equal(results, []byte{api.ValueTypeI32}) {
		t.Errorf("add is %x %x %v", params, results, ok)
	}
	if _, _, ok := m.Export("nothing"); ok {
		t.Error("an export that is none")
	}
}

// TestLoadShares: equal content is compiled once, whoever asks, and each gives
// back its own part of it.
func TestLoadShares(t *testing.T) {
	dir := privateDir(t)
	e := newEngine(t, wasm.Options{CacheDir: dir})
	var modules [8]*wasm.Module
	var wg sync.WaitGroup
	for i := range modules {
		wg.Go(func() {
			m, err := e.Load(context.Background(), wasm.Source{Name: "guest", Code: guest(), Resolve: hostFunctions})
			if err != nil {
				t.Error(err)
				return
			}
			modules[i] = m
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	if n := len(entries(t, dir)); n != 1 {
		t.Errorf("%d entries in the cache", n)
	}
	last := modules[7]
	for _, m := range modules[:7] {
		if m.Hash() != last.Hash() {
			t.Error("equal content, other hash")
		}
		m.Close()
	}
	vm := newVM(t, wasm.VMConfig{Module: last})
	last.Close()
	if _, err := run(t, vm, "empty"); err != nil {
		t.Errorf("a VM outlives its module's Close: %v", err)
	}
	vm.Close()
	if _, err := wasm.NewVM(context.Background(), wasm.VMConfig{Name: "late", Module: last}); err == nil {
		t.Error("a VM of a closed module")
	}
}

func TestLoadHeedsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := newEngine(t, wasm.Options{}).Load(ctx, wasm.Source{Name: "x", Code: guest(), Resolve: hostFunctions})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestLoadAfterClose(t *testing.T) {
	e, err := wasm.New(wasm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Load(context.Background(), wasm.Source{Name: "x", Code: guest()}); err == nil {
		t.Error("a closed engine loads")
	}
}

// TestStartSection: it is metered, may call the host, and its trap is the
// error of the instance's making.
func TestStartSection(t *testing.T) {
	for name, body := range map[string]Code{"": nil, "unreachable": Unreachable, "fuel": Loop(Br(0))} {
		m := New()
		noop := m.Import("env", "noop", "")
		m.Memory(1, 1)
		m.Start(m.Func("", "", Call(noop), body))
		module := load(t, newEngine(t, wasm.Options{}), wasm.Source{Name: "starts", Code: m.Bytes()})
		vm, err := wasm.NewVM(context.Background(), wasm.VMConfig{Name: "starts", Module: module})
		switch {
		case err == nil && name != "":
			t.Errorf("no error of %q", name)
		case err != nil && (name == "" || !strings.Contains(err.Error(), name)):
			t.Errorf("got %v, want %q", err, name)
		}
		if err == nil {
			vm.Close()
		}
	}
}
