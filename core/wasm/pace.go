package wasm

import (
	"time"

	"github.com/weirproxy/weir/core/fault"
)

// Fuel only estimates time: an instruction that misses the cache costs fifty
// times what it is charged. So the clock is read at each safe point, and what
// it shows changes the length of slices and ends callbacks that run on.
const (
	// slowest is how much longer than its budget of fuel a callback may run.
	slowest = 4
	// minSlice is how short slices get for code that is slower than its fuel.
	minSlice = slice / 20
	// turn is how long a callback keeps the processor while others wait for it.
	turn = time.Millisecond
	// rest is for how long it lets go. It must be a sleep: runtime.Gosched comes
	// back before Go's scheduler has looked at sockets, and with guests on all
	// processors nobody else would for 10 ms at a time. Much shorter ones are
	// over before it looks.
	rest = 50 * time.Microsecond
)

// pace is the real time of a callback, from its first safe point on: what came
// before is a slice at most.
//
// The clock also runs while our thread waits for a processor, or our goroutine
// for a thread, which on a busy machine may be for long. That happens to a few
// slices of many. Code that is slow is so slice after slice. Hence one slice
// may only count twice as slow as the one before.
type pace struct {
	slice   int64         // the next one's length, in fuel
	running bool          // a safe point of this callback has been passed
	began   time.Time     // when it was
	slow    float64       // time per fuel of the slice before, at least 1
	ran     time.Duration // so far
	limit   time.Duration // of ran
	resumed time.Time
	yielded time.Time // when others last had a chance
}

// pause begins a safe point. burned is the fuel since the last, left what is
// left of the callback's budget.
func (p *pace) pause(burned, left int64) {
	now := time.Now()
	if !p.running {
		p.running, p.began, p.ran, p.slow, p.yielded = true, now, 0, 1, now
		p.limit = slowest * time.Duration(left+slice)
		if p.slice == 0 {
			p.slice = slice
		}
		return
	}
	burned = max(burned, 1)
	p.slow = max(1, min(float64(now.Sub(p.resumed))/float64(burned), 2*p.slow))
	if p.ran += time.Duration(p.slow * float64(burned)); p.ran > p.limit {
		panic(&Trap{fault.GuestBudget, "a callback ran for " + p.ran.String() + ", much longer than its fuel is worth"})
	}
	if p.slow > slowest {
		p.slice = max(p.slice/2, minSlice)
	} else {
		p.slice = min(p.slice*2, slice)
	}
}

// resume ends a safe point, others having had their turn if it was due.
func (p *pace) resume() {
	now := time.Now()
	if now.Sub(p.yielded) >= turn {
		time.Sleep(rest)
		now = time.Now()
		p.yielded = now
	}
	p.resumed = now
}
