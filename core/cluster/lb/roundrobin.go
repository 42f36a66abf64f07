package lb

import "sync/atomic"

// RoundRobin takes one after the other.
type RoundRobin struct{ next atomic.Uint64 }

// Pick implements Policy.
func (r *RoundRobin) Pick(s Set, avoid int) int {
	n := uint64(s.Len())
	i := int((r.next.Add(1) - 1) % n)
	if i == avoid && n > 1 {
		i = int((r.next.Add(1) - 1) % n)
	}
	return i
}
