// Package lb picks one of several endpoints. A file per policy.
//
// Start at [New].
package lb

import "sync/atomic"

// Target is an endpoint as policies see it.
type Target struct {
	Addr   string // by which a ring places it; no two are equal
	Weight uint32 // its share beside others; 0 is taken as 1
	*Gauge
}

// weight is at least 1.
func (t *Target) weight() uint64 { return uint64(max(t.Weight, 1)) }

// Gauge is what is measured of an endpoint. It outlives pickers.
type Gauge struct {
	active  atomic.Int64
	latency atomic.Uint64 // see ewma.go
}

// Begin counts a request that is under way, until End.
func (g *Gauge) Begin() { g.active.Add(1) }

// End ends Begin.
func (g *Gauge) End() { g.active.Add(-1) }

// Active is the number of requests under way.
func (g *Gauge) Active() int64 { return g.active.Load() }

// Picker picks among targets that are always the same. It may be used from any
// goroutine; a pick neither locks nor allocates.
type Picker interface {
	// Pick answers the index of a target. It stays clear of avoid, an index or
	// -1, if there is another. Policies that hash go by key; 0 is any.
	Pick(key uint64, avoid int) int
}

// Policy makes pickers.
type Policy interface {
	// Over is a picker among targets, of which there is at least one. It carries
	// on from the picker before. Calls come one at a time.
	Over(targets []Target) Picker
}

// New is the policy of that name: "p2c", "round_robin", "ring_hash" or
// "peak_ewma".
func New(name string) (Policy, bool) {
	switch name {
	case "p2c", "":
		return P2C{}, true
	case "round_robin":
		return new(RoundRobin), true
	case "ring_hash":
		return new(RingHash), true
	case "peak_ewma":
		return PeakEWMA{}, true
	}
	return nil, false
}
