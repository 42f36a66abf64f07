package wasm_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/wasm"
)

// BenchmarkLoad takes Go modules out of the compile cache and starts them, and
// reports the medians of where the time goes, in milliseconds: the module's
// SHA-256; reading the cache's entry and checking its sums; the rest of Load,
// which is wazero reading the machine code, decoding what describes it, and the
// imports; making an instance, which copies its data; its _initialize. Nothing
// is compiled.
func BenchmarkLoad(b *testing.B) {
	for _, guest := range []struct{ name, dir string }{
		{"small", "testdata/goguest"},
		{"libraries", "meter/testdata/guest"}, // with JSON, regular expressions and SHA-256
	} {
		b.Run(guest.name, func(b *testing.B) { loadBenchmark(b, goModule(b, guest.dir)) })
	}
}

// stages of a load from the cache, in the order in which they end.
var stages = [...]string{"hash", "verify", "deserialise", "instantiate", "start", "whole"}

func loadBenchmark(b *testing.B, code []byte) {
	e := newEngine(b, wasm.Options{CacheDir: filepath.Join(b.TempDir(), "cache")})
	loadOnce(b, e, code, false) // compiles
	took := map[string][]float64{}
	for b.Loop() {
		for i, d := range loadOnce(b, e, code, true) {
			took[stages[i]] = append(took[stages[i]], float64(d.Microseconds())/1000)
		}
	}
	for stage, ms := range took {
		slices.Sort(ms)
		b.ReportMetric(ms[len(ms)/2], stage+"-ms")
	}
	b.ReportMetric(took["whole"][0], "least-ms")
	b.ReportMetric(float64(len(code))/1e6, "MB")
	b.ReportMetric(0, "ns/op") // it has a second verify, which is the one that is measured
}

// loadOnce takes a module from its bytes to an instance that has started.
func loadOnce(b *testing.B, e *wasm.Engine, code []byte, kept bool) (took [len(stages)]time.Duration) {
	begin := time.Now()
	lap := func() time.Duration {
		d := time.Since(begin)
		begin = time.Now()
		return d
	}
	hash := wasm.HashOf(code)
	took[0] = lap()
	if kept {
		if err := e.Verify(hash); err != nil {
			b.Fatal(err)
		}
	}
	took[1] = lap()
	m, err := e.Load(context.Background(), wasm.Source{Name: "go", Code: code, Hash: hash})
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	took[2] = lap() - took[1]
	vm, err := wasm.NewVM(context.Background(), wasm.VMConfig{Name: "load", Module: m, Lanes: 1,
		Start: func(in *wasm.Instance) error {
			took[3] = lap()
			_, err := in.Call(in.Func("_initialize"))
			took[4] = lap()
			return err
		}})
	if err != nil {
		b.Fatal(err)
	}
	vm.Close()
	for _, d := range took[:5] {
		took[5] += d
	}
	return took
}
