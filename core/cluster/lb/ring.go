package lb

import (
	"cmp"
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// RingHash sends what has the same key to the same endpoint. Each endpoint has
// points on a ring, by its address alone, and a key belongs to the point behind it:
// one endpoint more or less moves the keys of that one, and proxies that know of
// the same endpoints agree without talking (Karger, 1997; "ketama").
type RingHash struct {
	targets []Target
	points  []int // of each target
	last    *ring
}

const (
	pointsEach = 160     // of a target of usual weight: its share is right within some 8 %
	maxPoints  = 1 << 20 // of a ring, about: 12 bytes each
)

type ring struct {
	n    int      // of targets
	at   []uint64 // in order
	whom []int32  // the target of each point
}

// Over implements Policy. What is as before is taken over, so that a change costs
// as much as reading the ring once.
func (r *RingHash) Over(targets []Target) Picker {
	points := pointsOf(targets)
	now := make(map[string]int32, len(targets))
	for i := range targets {
		now[targets[i].Addr] = int32(i)
	}
	kept := make([]int32, len(r.targets)) // where each is now, or -1
	fresh := make([]bool, len(targets))
	for i := range fresh {
		fresh[i] = true
	}
	for i := range r.targets {
		j, ok := now[r.targets[i].Addr]
		if !ok || r.points[i] != points[j] {
			kept[i] = -1
			continue
		}
		kept[i], fresh[j] = j, false
	}
	next := merge(r.last, kept, newPoints(targets, points, fresh))
	next.n = len(targets)
	r.targets, r.points, r.last = targets, points, next
	return next
}

// pointsOf is how many points each target has. They go by the usual weight rounded
// to a power of two, as those of large rings are bounded in powers of two: else one
// target more would change the points of all.
func pointsOf(targets []Target) []int {
	total := uint64(0)
	for i := range targets {
		total += targets[i].weight()
	}
	each := pointsEach
	for each*len(targets) > maxPoints && each > 1 {
		each /= 2
	}
	usual := uint64(1) << (bits.Len64(total/uint64(len(targets))) - 1)
	points := make([]int, len(targets))
	for i := range targets {
		points[i] = int(max(uint64(each)*targets[i].weight()/usual, 1))
	}
	return points
}

type point struct {
	at   uint64
	whom int32
}

// newPoints are those of the targets that are fresh, in order.
func newPoints(targets []Target, points []int, fresh []bool) []point {
	var out []point
	for i := range targets {
		if !fresh[i] {
			continue
		}
		seed := xxhash.Sum64String(targets[i].Addr)
		for k := range points[i] {
			out = append(out, point{mix(seed + uint64(k)*stride), int32(i)})
		}
	}
	slices.SortFunc(out, func(a, b point) int { return cmp.Compare(a.at, b.at) })
	return out
}

// mix makes a number whose bits all depend on all of x's (SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// merge is a ring of the points of last whose targets are kept, and of fresh ones.
func merge(last *ring, kept []int32, fresh []point) *ring {
	if last == nil {
		last = new(ring)
	}
	out := &ring{at: make([]uint64, 0, len(last.at)+len(fresh)), whom: make([]int32, 0, len(last.at)+len(fresh))}
	f := 0
	before := func(at uint64) {
		for ; f < len(fresh) && fresh[f].at <= at; f++ {
			out.at, out.whom = append(out.at, fresh[f].at), append(out.whom, fresh[f].whom)
		}
	}
	for i, at := range last.at {
		if whom := kept[last.whom[i]]; whom >= 0 {
			before(at)
			out.at, out.whom = append(out.at, at), append(out.whom, whom)
		}
	}
	before(^uint64(0))
	return out
}

// Pick implements Picker. What has no key goes anywhere.
func (r *ring) Pick(key uint64, avoid int) int {
	if key == 0 {
		key = rand.Uint64()
	}
	i, _ := slices.BinarySearch(r.at, key)
	for range r.at {
		if i >= len(r.at) {
			i = 0
		}
		if whom := int(r.whom[i]); whom != avoid || r.n == 1 {
			return whom
		}
		i++
	}
	return 0
}
