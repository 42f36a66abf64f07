package wasm_test

import (
	"context"
	"fmt"
	"runtime"
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

// BenchmarkContended has 64 goroutines share the lanes, with callbacks of
// about 0.3 us.
func BenchmarkContended(b *testing.B) {
	for _, lanes := range []int{1, 2, 4} {
		b.Run(fmt.Sprint("lanes=", lanes), func(b *testing.B) {
			vm := guestVM(b, wasm.Limits{}, wasm.VMConfig{
				Lanes: lanes,
				Start: func(in *wasm.Instance) error { in.User = in.Func("spin_for"); return nil },
			})
			b.ReportAllocs()
			b.SetParallelism(64 / runtime.GOMAXPROCS(0))
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					l, err := vm.Acquire()
					if err != nil {
						b.Error(err)
						return
					}
					in := l.Instance()
					if _, err := in.Call(in.User.(*wasm.Function), 300); err != nil {
						b.Error(err)
					}
					l.Unlock()
				}
			})
		})
	}
}

// BenchmarkStart is the making of an instance, and its end.
func BenchmarkStart(b *testing.B) {
	m := load(b, newEngine(b, wasm.Options{}), wasm.Source{Name: "guest", Code: guest()})
	b.ReportAllocs()
	for b.Loop() {
		vm, err := wasm.NewVM(context.Background(), wasm.VMConfig{Name: "bench", Module: m})
		if err != nil {
			b.Fatal(err)
		}
		vm.Close()
	}
}

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
