package lb

import "sync/atomic"

// RoundRobin takes one after the other.
type RoundRobin struct{ next atomic.Uint64 }

// Pick implements Policy.
func (r *RoundRobin) Pick(s Set, avoid int) int {
	n := uint64(s.Len())
	i := int((r.next.Add(1) - 1) % n)
	for i == avoid && n > 1 { // others may take what lies between
		i = int((r.next.Add(1) - 1) % n)
	}
	return i
}
