//go:build !race

package coding_test

import (
	"runtime"
	"testing"

	"github.com/weirproxy/weir/core/coding"
)

// TestEncodersHoldNoMoreThanTheyAreCountedFor fills encoders with a long body and
// weighs the heap.
func TestEncodersHoldNoMoreThanTheyAreCountedFor(t *testing.T) {
	body := append(text(900_000), noise(400_000)...)
	each(t, func(t *testing.T, c coding.Coding, level int) {
		const count = 4
		all := coding.New(1 << 30)
		before := heap()
		var open [count]*coding.Encoder
		for i := range open {
			open[i] = get(t, all, c, level)
			for at := 0; at < len(body); at += 16 << 10 {
				open[i].Encode(body[at:min(at+16<<10, len(body))], false)
			}
		}
		held := heap() - before
		t.Logf("%d KiB each", held/count>>10)
		const output = 256 << 10 // of each: what comes out at a time
		if counted := all.Used() + count*output; held > counted {
			t.Errorf("%d encoders hold %d KiB, counted are %d KiB", count, held>>10, counted>>10)
		}
		runtime.KeepAlive(open)
	})
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestEncodersAllocateNothingOnceTheyRun: nothing is made for a body but what the
// last one left.
func TestEncodersAllocateNothingOnceTheyRun(t *testing.T) {
	body := text(100_000)
	all := coding.New(1 << 30)
	for _, c := range codings {
		run := func() {
			e := get(t, all, c, coding.Default)
			e.Encode(body[:1000], false)
			e.Flush()
			e.Encode(body[1000:], true)
			e.Close()
		}
		run()
		if n := testing.AllocsPerRun(20, run); n > 2 {
			t.Errorf("%s: %v allocations a body", c, n)
		}
	}
}
