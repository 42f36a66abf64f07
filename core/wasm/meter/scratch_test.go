package meter

import (
	"context"
	"fmt"
	"math"
	"os"
	"testing"
	"time"
)

func TestScratchC(t *testing.T) {
	c, err := os.ReadFile("/tmp/meterw/k.wasm")
	if err != nil {
		t.Fatal(err)
	}
	gg := goGuest(t)
	plain, metered := pair(t, c, Options{MemoryPages: 2048})
	plain.ExportedFunction("fillbuf").Call(context.Background(), 1)
	metered.ExportedFunction("fillbuf").Call(context.Background(), 1)
	gp, gm := pair(t, gg, Options{MemoryPages: 2048})
	kp, km := pair(t, kernels(), Options{MemoryPages: 2048})
	sum, n := 0.0, 0
	for _, k := range []struct {
		p, m *guest
		f    string
		n    uint64
	}{{plain, metered, "fnv", 300}, {plain, metered, "find", 200}, {plain, metered, "mat", 4}, {plain, metered, "sorts", 4}, {plain, metered, "sha", 2000}, {plain, metered, "len", 300}, {plain, metered, "virt", 300000}, {plain, metered, "lex", 300},
		{kp, km, "f0", 1000000}, {kp, km, "f1", 4096}, {kp, km, "f2", 24}, {kp, km, "f4", 1000000}, {kp, km, "f5", 1000000},
		{gp, gm, "sha", 100000}, {gp, gm, "jsons", 100}, {gp, gm, "maps", 10000}, {gp, gm, "words", 300}, {gp, gm, "fib", 22}} {
		stack := make([]uint64, 1)
		bp, bm := time.Hour, time.Hour
		fp, fm := k.p.ExportedFunction(k.f), k.m.ExportedFunction(k.f)
		u, runs := k.m.used(), 0
		for end := time.Now().Add(300 * time.Millisecond); time.Now().Before(end); runs++ {
			bp = fastest(t, bp, fp, stack, k.n)
			bm = fastest(t, bm, fm, stack, k.n)
		}
		r := float64(bm) / float64(bp)
		sum += math.Log(r)
		n++
		fmt.Println(runs, k.m.refuels, int64(k.m.fuel.Get()))
		fmt.Printf("%s %.2f (fuel/ns %.2f) %v\n", k.f, r, float64(k.m.used()-u)/float64(runs)/float64(bm), bm)
	}
	fmt.Printf("geomean %.3f\n", math.Exp(sum/float64(n)))
}
