package lb

import (
	"math/bits"
	"sort"
	"sync/atomic"
)

// RoundRobin takes one after the other, each as often as its weight says.
type RoundRobin struct{ next atomic.Uint64 }

// Over implements Policy.
func (r *RoundRobin) Over(targets []Target) Picker {
	t := &turns{next: &r.next, n: len(targets)}
	equal := true
	for i := range targets {
		t.total += targets[i].weight()
		t.ends = append(t.ends, t.total)
		equal = equal && targets[i].weight() == targets[0].weight()
	}
	if equal {
		t.ends = nil
	}
	return t
}

type turns struct {
	next  *atomic.Uint64
	n     int
	ends  []uint64 // where each target's part of the total ends; nil where all are equal
	total uint64
}

// Pick implements Picker.
func (t *turns) Pick(_ uint64, avoid int) int {
	for range draws {
		if i := t.turn(); i != avoid { // others may take what lies between
			return i
		}
	}
	if t.n == 1 {
		return 0
	}
	return (avoid + 1) % t.n
}

// stride is 2^64 divided by the golden ratio.
const stride = 0x9e3779b97f4a7c15

// turn is whose turn it is. Multiples of the golden ratio fall evenly on what is
// taken of them (Weyl), so that turns of a heavy target have those of light ones
// between them, and nobody needs a lock to count who is owed how many.
func (t *turns) turn() int {
	k := t.next.Add(1) - 1
	if t.ends == nil {
		return int(k % uint64(t.n))
	}
	at, _ := bits.Mul64(k*stride, t.total)
	return sort.Search(t.n, func(i int) bool { return at < t.ends[i] })
}
