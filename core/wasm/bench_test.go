package wasm_test

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/weirproxy/weir/core/wasm"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// callBenchmark times callbacks of one export, each with its own Acquire.
func callBenchmark(b *testing.B, export string, args ...uint64) {
	vm := guestVM(b, wasm.Limits{}, wasm.VMConfig{Lanes: 1})
	l, err := vm.Acquire()
	if err != nil {
		b.Fatal(err)
	}
	f := l.Instance().Func(export)
	l.Unlock()
	b.ReportAllocs()
	for b.Loop() {
		l, err := vm.Acquire()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := l.Instance().Call(f, args...); err != nil {
			b.Fatal(err)
		}
		l.Unlock()
	}
}

func BenchmarkEmpty(b *testing.B)     { callBenchmark(b, "empty") }
func BenchmarkHostCall(b *testing.B)  { callBenchmark(b, "noop") }
func BenchmarkAllocator(b *testing.B) { callBenchmark(b, "via_alloc", 8) }

// BenchmarkBare is an empty function in wazero alone: what there is to lose.
func BenchmarkBare(b *testing.B) {
	ctx := context.Background()
	m := New()
	m.Func("empty", "")
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler())
	defer r.Close(ctx)
	mod, err := r.Instantiate(ctx, m.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	f := mod.ExportedFunction("empty")
	stack := make([]uint64, 1)
	b.ReportAllocs()
	for b.Loop() {
		if err := f.CallWithStack(ctx, stack); err != nil {
			b.Fatal(err)
		}
	}
}
