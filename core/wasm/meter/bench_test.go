package meter

import (
	"context"
	"testing"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// kernels is a module with the loops a C compiler would write.
//
//	f0: a tight loop of n multiplications and additions
//	f1: sums n KiB of memory, eight bytes at a time
//	f2: Fibonacci numbers by recursion
//	f3: nothing
//	f4: a loop with a branch in its body
//	f5: a loop that calls a small function
func kernels() []byte {
	one, i64s := asm{typeI32}, asm{typeI64}
	down := code(get(0), i32(1), opI32Sub, tee(0), brIf(0))
	return (&build{
		memory: &limits{min: 16},
		funcs: []fn{
			{params: one, results: i64s, locals: i64s, code: code(
				i64(1), set(1),
				loopOf(get(1), i64(6364136223846793005), opI64Mul, i64(1442695040888963407), opI64Add, set(1), down),
				get(1))},
			{params: one, results: i64s, locals: asm{typeI64, typeI32}, code: code(
				get(0), i32(1024), 0x6c, set(0),
				loopOf(get(1), get(2), load(0x29), opI64Add, set(1),
					get(2), i32(8), opI32Add, i32(1<<20-1), 0x71, set(2),
					get(0), i32(8), opI32Sub, tee(0), brIf(0)),
				get(1))},
			{params: one, results: one, code: code(
				get(0), i32(2), 0x48, opIf, asm{typeI32}, get(0),
				opElse, get(0), i32(1), opI32Sub, callTo(2), get(0), i32(2), opI32Sub, callTo(2), opI32Add, opEnd)},
			{},
			{params: one, results: i64s, locals: i64s, code: code(
				i64(1), set(1),
				loopOf(get(1), i64(1), 0x83, 0xa7,
					opIf, blockEmpty, get(1), i64(3), opI64Mul, i64(1), opI64Add, set(1),
					opElse, get(1), i64(1), opI64ShrU, set(1), opEnd,
					down),
				get(1))},
			{params: one, results: i64s, locals: i64s, code: code(
				loopOf(get(1), callTo(6), set(1), down), get(1))},
			{params: i64s, results: i64s, code: code(
				get(0), i64(13), opI64Shl, get(0), 0x85, tee(0), i64(7), opI64ShrU, get(0), 0x85)},
		},
	}).bytes()
}

// BenchmarkOverhead runs each kernel as it is and metered, turn and turn
// about, and reports the ratio of the fastest runs and of all, and how much fuel a
// nanosecond of the metered one takes.
func BenchmarkOverhead(b *testing.B) {
	c := kernels()
	g := goGuest(b)
	for _, k := range []struct {
		name, export string
		code         []byte
		arg          uint64
	}{
		{"arithmetic", "f0", c, 1_000_000},
		{"memory", "f1", c, 4096},
		{"fib", "f2", c, 24},
		{"branches", "f4", c, 1_000_000},
		{"small-calls", "f5", c, 1_000_000},
		{"go-map", "maps", g, 10_000},
		{"go-words", "words", g, 300},
		{"go-fib", "fib", g, 22},
	} {
		b.Run(k.name, func(b *testing.B) {
			plain, metered := pair(b, k.code, Options{MemoryPages: 2048})
			overhead(b, plain, metered, k.export, k.arg)
		})
	}
}

// BenchmarkGuests is Overhead where guests compute, in Go and in Rust, with the
// bounds that Weir's engine sets.
func BenchmarkGuests(b *testing.B) {
	for _, language := range []struct {
		name  string
		build func(*testing.B) []byte
	}{
		{"go", func(b *testing.B) []byte { return goGuest(b) }},
		{"rust", rustGuest},
	} {
		b.Run(language.name, func(b *testing.B) {
			plain, metered := pair(b, language.build(b), Options{MemoryPages: 1024, Depth: 2048})
			for _, k := range []struct {
				name, export string
				arg          uint64
			}{{"json", "jsons", 100}, {"regexp", "regexps", 100}, {"sha256", "sha", 100_000}} {
				b.Run(k.name, func(b *testing.B) { overhead(b, plain, metered, k.export, k.arg) })
			}
		})
	}
}

// timed is a run's duration.
func timed(b testing.TB, f api.Function, stack, args []uint64) time.Duration {
	copy(stack, args)
	t0 := time.Now()
	if err := f.CallWithStack(context.Background(), stack); err != nil {
		b.Fatal(err)
	}
	return time.Since(t0)
}

func overhead(b *testing.B, plain, metered *guest, export string, args ...uint64) {
	fp, fm := plain.ExportedFunction(export), metered.ExportedFunction(export)
	stack := make([]uint64, len(args))
	bp, bm := time.Hour, time.Hour
	var sp, sm time.Duration // of all runs, collections of garbage among them
	before, runs := metered.used(), 0
	b.ReportAllocs()
	for b.Loop() {
		p := timed(b, fp, stack, args)
		m := timed(b, fm, stack, args)
		bp, bm = min(bp, p), min(bm, m)
		sp, sm = sp+p, sm+m
		runs++
	}
	b.ReportMetric(float64(bm)/float64(bp), "ratio")
	b.ReportMetric(float64(sm)/float64(sp), "ratio-of-all")
	b.ReportMetric(float64(metered.used()-before)/float64(runs)/float64(bm), "fuel/ns")
	b.ReportMetric(float64(bm)/1e3, "us")
}

// BenchmarkEmpty is the call of a function that does nothing.
func BenchmarkEmpty(b *testing.B) {
	for name, k := range map[string]struct {
		code   []byte
		export string
	}{"c": {kernels(), "f3"}, "go": {goGuest(b), "empty"}} {
		plain, metered := pair(b, k.code, Options{MemoryPages: 2048})
		for _, g := range []struct {
			name string
			*guest
		}{{"plain", plain}, {"metered", metered}} {
			b.Run(name+"/"+g.name, func(b *testing.B) {
				f, ctx := g.ExportedFunction(k.export), context.Background()
				b.ReportAllocs()
				for b.Loop() {
					if err := f.CallWithStack(ctx, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkRewrite is the pass itself over a Go guest.
func BenchmarkRewrite(b *testing.B) {
	g := goGuest(b)
	b.SetBytes(int64(len(g)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Rewrite(g, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
