package wasm_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/wasm"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// guest is a module with one of each misdeed. Memory: 1 page at first, and as
// much as the limit allows.
func guest() []byte {
	m := New()
	noop := m.Import("env", "noop", "")
	alloc := m.Import("env", "via_alloc", "i:i")
	boom := m.Import("env", "boom", "")
	fail := m.Import("env", "fail", "")
	charge := m.Import("env", "charge", "I")
	exit := m.Import("wasi_snapshot_preview1", "proc_exit", "i")
	m.Memory(1, 0)
	counter := m.Global('i', 0)

	m.Func("empty", "")
	m.Func("add", "ii:i", Get(0), Get(1), Add32)
	m.Func("count", ":i", GlobalGet(counter), I32(1), Add32, GlobalSet(counter), GlobalGet(counter))
	m.Func("minus_one", ":i", I32(-1))
	m.Func("noop", "", Call(noop))
	m.Func("alloc", "i:i", Get(0), I32(16), Add32)
	m.Func("bad_alloc", "i:i", Unreachable)
	m.Func("via_alloc", "i:i", Get(0), Call(alloc))
	m.Func("boom", "", Call(boom))
	m.Func("fail", "", Call(fail), Loop(Br(0)))
	m.Func("charge", "I", Get(0), Call(charge))
	m.Func("exit", "i", Get(0), Call(exit))
	m.Func("_start", "", I32(0), Call(exit))
	m.Func("trap", "", Unreachable)
	m.Func("divide", "i:i", I32(1), Get(0), DivU32)
	m.Func("beyond", ":i", I32(0x7ffffff0), Load32(0))
	m.Func("spin", "", Loop(Br(0)))
	m.FuncLocals("spin_for", "i:i", "", Loop(Get(0), I32(1), Sub32, Tee(0), BrIf(0)), Get(0))
	m.Func("hosts", "", Loop(Call(noop), Br(0)))
	m.Func("grow", "i:i", Get(0), MemoryGrow)
	self := m.NextFunc()
	m.Func("deep", "i:i", Get(0), Eqz32, If(I32(0), Return), Get(0), I32(1), Sub32, Call(self), I32(1), Add32)
	return m.Bytes()
}

// hostFunctions resolve what guest imports.
func hostFunctions(module, name string, params, results []api.ValueType) (wasm.Func, error) {
	switch name {
	case "noop":
		return func(*wasm.Instance, []uint64) {}, nil
	case "via_alloc":
		return func(in *wasm.Instance, stack []uint64) {
			p, err := in.CallNested(in.User.(*wasm.Function), uint64(wasm.U32(stack[0])))
			if err != nil {
				return
			}
			stack[0] = p
		}, nil
	case "boom":
		return func(*wasm.Instance, []uint64) { var p *int; *p = 1 }, nil
	case "fail":
		return func(in *wasm.Instance, _ []uint64) { in.Fail(fmt.Errorf("the ABI gives up")) }, nil
	case "charge":
		return func(in *wasm.Instance, stack []uint64) { in.Charge(int64(stack[0])) }, nil
	}
	return nil, nil
}

// withAlloc is an ABI's Start: it looks up the allocator.
func withAlloc(in *wasm.Instance) error {
	in.User = in.Func("alloc")
	return nil
}

func newEngine(t testing.TB, o wasm.Options) *wasm.Engine {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	e, err := wasm.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func load(t testing.TB, e *wasm.Engine, s wasm.Source) *wasm.Module {
	t.Helper()
	if s.Resolve == nil {
		s.Resolve = hostFunctions
	}
	m, err := e.Load(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func newVM(t testing.TB, c wasm.VMConfig) *wasm.VM {
	t.Helper()
	if c.Name == "" {
		c.Name = "test"
	}
	if c.Start == nil {
		c.Start = withAlloc
	}
	vm, err := wasm.NewVM(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(vm.Close)
	return vm
}

// guestVM is a VM of guest.
func guestVM(t testing.TB, limits wasm.Limits, c wasm.VMConfig) *wasm.VM {
	t.Helper()
	c.Module = load(t, newEngine(t, wasm.Options{}), wasm.Source{Name: "guest", Code: guest(), Limits: limits})
	return newVM(t, c)
}
