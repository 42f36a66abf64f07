package circuit_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/circuit"
)

// policy opens after three errors in a row.
func policy() circuit.Policy {
	return circuit.Policy{Consecutive: 3, Open: time.Second, Longest: 4 * time.Second, Growth: 200, Probes: 2}
}

func newSet() *circuit.Set {
	s := new(circuit.Set)
	s.Init()
	return s
}

// TestHammerProbesAreBounded has many goroutines ask a half-open circuit.
func TestHammerProbesAreBounded(t *testing.T) {
	s, p := newSet(), policy()
	now := int64(time.Hour)
	for range 3 {
		d, _ := s.Enter([]byte("k"), &p, now)
		d.Permit.End(circuit.Bad, &p, now)
	}
	if d, _ := s.Enter([]byte("k"), &p, now); d.Allowed || d.Retry != time.Second {
		t.Fatalf("three errors did not open it: %+v", d)
	}
	now += int64(time.Second)
	var allowed, turned atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				d, change := s.Enter([]byte("k"), &p, now)
				if change == circuit.HalfOpened {
					turned.Add(1)
				}
				if d.Allowed {
					allowed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if allowed.Load() != 2 || turned.Load() != 1 {
		t.Errorf("%d probes went through, %d times half-opened", allowed.Load(), turned.Load())
	}
}

// TestHammerCountsExactly: of errors that come at once exactly one opens the
// circuit, and a place is given back once.
func TestHammerCountsExactly(t *testing.T) {
	s, p := newSet(), circuit.Policy{Consecutive: 8000, Open: time.Second, Longest: time.Second, Growth: 100, Probes: 1}
	now := int64(time.Hour)
	var opened atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				d, _ := s.Enter([]byte("k"), &p, now)
				for range 2 {
					if d.Permit.End(circuit.Bad, &p, now) == circuit.Opened {
						opened.Add(1)
					}
				}
			}
		})
	}
	wg.Wait()
	if d, _ := s.Enter([]byte("k"), &p, now); opened.Load() != 1 || d.Allowed {
		t.Errorf("opened %d times, allowed %t", opened.Load(), d.Allowed)
	}
}

// TestStragglersCountNoMore: what was let through before a change says nothing
// after it.
func TestStragglersCountNoMore(t *testing.T) {
	s, p := newSet(), policy()
	now := int64(time.Hour)
	late, _ := s.Enter([]byte("k"), &p, now)
	for range 3 {
		d, _ := s.Enter([]byte("k"), &p, now)
		d.Permit.End(circuit.Bad, &p, now)
	}
	now += int64(time.Second)
	first, _ := s.Enter([]byte("k"), &p, now)
	if !first.Permit.Probe || late.Permit.End(circuit.Bad, &p, now) != circuit.None {
		t.Error("a straggler opened a circuit that is half-open")
	}
	second, _ := s.Enter([]byte("k"), &p, now)
	first.Permit.End(circuit.Good, &p, now)
	if second.Permit.End(circuit.Good, &p, now) != circuit.HasClosed {
		t.Error("two good probes did not close it")
	}
}

// TestRoomIsBounded: what finds no room goes on uncounted, and room comes back.
func TestRoomIsBounded(t *testing.T) {
	s, p := newSet(), policy()
	now := int64(time.Hour)
	held := 0
	for i := range 3 * circuit.MaxCircuits {
		d, _ := s.Enter(fmt.Append(nil, i), &p, now)
		if !d.Allowed {
			t.Fatal("a new key is not allowed")
		}
		if d.Permit.Held() {
			held++
		}
	}
	if all, broken := s.Count(); all != circuit.MaxCircuits || held != all || broken != 0 {
		t.Errorf("%d circuits, %d held, %d broken, want %d", all, held, broken, circuit.MaxCircuits)
	}
	now += int64(10 * time.Minute)
	s.Sweep(now)
	if all, _ := s.Count(); all != 0 {
		t.Errorf("%d circuits that nobody asks for are kept", all)
	}
}

// TestWindowSlides: errors that are older than the window are forgotten slot by
// slot, however long nothing comes.
func TestWindowSlides(t *testing.T) {
	for _, c := range []struct {
		step  time.Duration // between one error and the next
		opens int           // with which error, 0 for none of 40
	}{{0, 5}, {2 * time.Second, 5}, {2500 * time.Millisecond, 0}, {time.Hour, 0}} {
		s := newSet()
		p := circuit.Policy{Percent: 100, Minimum: 5, Window: 10 * time.Second, Open: time.Second, Longest: time.Second, Growth: 100, Probes: 1}
		now, opened := int64(time.Hour), 0
		for i := range 40 {
			d, _ := s.Enter([]byte("k"), &p, now)
			if d.Permit.End(circuit.Bad, &p, now) == circuit.Opened && opened == 0 {
				opened = i + 1
				break
			}
			now += int64(c.step)
		}
		if opened != c.opens {
			t.Errorf("every %v: opened with error %d, want %d", c.step, opened, c.opens)
		}
	}
}
