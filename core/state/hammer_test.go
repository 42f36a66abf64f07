package state_test

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/state"
)

// hammer calls do from 64 goroutines at once, each rounds times.
func hammer(rounds int, do func(goroutine, round int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for g := range 64 {
		all.Go(func() {
			<-begin
			for r := range rounds {
				do(g, r)
			}
		})
	}
	close(begin)
	all.Wait()
}

func TestHammerLimitHoldsExactly(t *testing.T) {
	for _, algorithm := range []state.Algorithm{state.TokenBucket, state.SlidingWindow} {
		n, s, clock := open(t, state.Options{})
		rate := state.Rate{Algorithm: algorithm, Limit: 1000, Period: time.Second}
		var allowed [3]atomic.Int64
		keys := [3][]byte{[]byte("a"), []byte("b"), []byte("c")}
		for period := range 3 {
			hammer(200, func(_, round int) {
				k := round % len(keys)
				if d, err := n.Take(keys[k], 1, rate); err != nil {
					t.Error(err)
				} else if d.Allowed {
					allowed[k].Add(1)
				}
			})
			for k := range keys {
				if got, want := allowed[k].Load(), int64(1000*(period+1)); got != want {
					t.Errorf("algorithm %d, period %d: %d allowed, want %d", algorithm, period, got, want)
				}
			}
			s.Sweep()
			clock.advance(2 * time.Second)
		}
	}
}

// TestHammerBucketOverTime moves the clock while all take: what is allowed is
// never more than the burst and what came back.
func TestHammerBucketOverTime(t *testing.T) {
	n, _, clock := open(t, state.Options{})
	rate := state.Rate{Limit: 1_000_000, Period: time.Second, Burst: 10} // one a microsecond
	var allowed, ticks atomic.Int64
	hammer(500, func(g, round int) {
		if g == 0 {
			clock.advance(time.Microsecond)
			ticks.Add(1)
		}
		if d, _ := n.Take([]byte("k"), 1, rate); d.Allowed {
			allowed.Add(1)
		}
	})
	left, _ := n.Take([]byte("k"), 0, rate)
	if got, most := allowed.Load()+left.Remaining, 10+ticks.Load(); got > most {
		t.Errorf("%d allowed and %d left of %d", allowed.Load(), left.Remaining, most)
	}
}

func TestHammerCountersAndData(t *testing.T) {
	n, s, _ := open(t, state.Options{Bytes: 64 << 10})
	var swaps atomic.Int64
	n.Set([]byte("cas"), make([]byte, 8), 0, 0)
	hammer(200, func(g, round int) {
		if _, err := n.Increment([]byte("sum"), int64(g), 0); err != nil {
			t.Error(err)
		}
		var buf [8]byte
		if v, cas, ok := n.Get(buf[:0], []byte("cas")); ok {
			binary.LittleEndian.PutUint64(v, binary.LittleEndian.Uint64(v)+1)
			if _, err := n.Set([]byte("cas"), v, cas, 0); err == nil {
				swaps.Add(1)
			}
		}
		key := fmt.Appendf(nil, "k%d", (g+round)%40)
		if round%3 == 0 {
			n.Delete(key, 0)
		} else {
			n.Set(key, make([]byte, 10*(g%7)), 0, time.Hour)
		}
		if size := n.Size(); size < 0 || size > 64<<10 {
			t.Errorf("%d bytes used", size)
		}
		if round%50 == 0 {
			s.Sweep()
		}
	})
	if sum, _ := n.Increment([]byte("sum"), 0, 0); sum != 200*63*64/2 {
		t.Errorf("sum is %d", sum)
	}
	v, _, _ := n.Get(nil, []byte("cas"))
	if got := int64(binary.LittleEndian.Uint64(v)); got != swaps.Load() {
		t.Errorf("%d swaps succeeded, %d are seen", swaps.Load(), got)
	}
	n.Delete([]byte("sum"), 0)
	n.Delete([]byte("cas"), 0)
	for k := range 40 {
		n.Delete(fmt.Appendf(nil, "k%d", k), 0)
	}
	if n.Size() != 0 {
		t.Errorf("%d bytes left of nothing", n.Size())
	}
}

// TestHammerFullNamespace lets all fight for room for ten entries.
func TestHammerFullNamespace(t *testing.T) {
	n, _, _ := open(t, state.Options{Bytes: 1000})
	var stored atomic.Int64
	hammer(50, func(g, round int) {
		if _, err := n.Set(fmt.Appendf(nil, "%02d%02d", g, round), nil, 0, 0); err == nil {
			stored.Add(1)
		}
		if n.Size() > 1000 {
			t.Error("above the limit")
		}
	})
	if stored.Load() != 10 {
		t.Errorf("%d entries of 100 bytes stored in 1000", stored.Load())
	}
}

func TestHammerQueue(t *testing.T) {
	q := state.New(state.Options{QueueItems: 100_000}).Queues()
	var told, taken atomic.Int64
	id, _ := q.Register("vm", "jobs", 1, func(uint32) { told.Add(1) })
	hammer(300, func(g, round int) {
		if g%2 == 0 {
			if err := q.Enqueue(id, []byte{1}); err != nil {
				t.Error(err)
			}
		} else if _, err := q.Dequeue(id); err == nil {
			taken.Add(1)
		}
	})
	for {
		if _, err := q.Dequeue(id); err != nil {
			break
		}
		taken.Add(1)
	}
	if told.Load() != 32*300 || taken.Load() != 32*300 {
		t.Errorf("%d told and %d taken of %d", told.Load(), taken.Load(), 32*300)
	}
}
