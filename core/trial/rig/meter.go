package rig

import (
	"runtime"
	"slices"
	"time"
)

// Phase is a part of a stream's life that is measured by itself.
type Phase string

// The phases.
const (
	PhaseRequestHead      Phase = "request head"
	PhaseRequestBody      Phase = "request body"
	PhaseRequestTrailers  Phase = "request trailers"
	PhaseResponseHead     Phase = "response head"
	PhaseResponseBody     Phase = "response body"
	PhaseResponseTrailers Phase = "response trailers"
	PhaseResumed          Phase = "resumed"            // what a pause had held goes on
	PhaseEvents           Phase = "timers and replies" // and the callbacks that they make
	PhaseLog              Phase = "log"
	PhaseEnd              Phase = "end"
)

// AllPhases are the phases in the order of a stream's life.
var AllPhases = []Phase{
	PhaseRequestHead, PhaseRequestBody, PhaseRequestTrailers, PhaseResumed, PhaseEvents,
	PhaseResponseHead, PhaseResponseBody, PhaseResponseTrailers, PhaseLog, PhaseEnd,
}

// phases are those of each direction.
var phases = [2]struct{ head, body, trailers Phase }{
	{PhaseRequestHead, PhaseRequestBody, PhaseRequestTrailers},
	{PhaseResponseHead, PhaseResponseBody, PhaseResponseTrailers},
}

// Meter measures the phases of a rig's streams: the time that each takes or,
// when it Counts, what else it costs, which takes longer to find out.
type Meter struct {
	Counts bool
	Phases map[Phase]*Cost

	rig *Rig
}

// Cost is what a phase has cost.
type Cost struct {
	Times  []time.Duration // of each
	N      uint64          // counted below
	Fuel   uint64          // about a nanosecond of guest code each
	Calls  uint64          // of host functions
	Allocs uint64          // in the host
}

// Quantile is the time that a share of all took at most.
func (c *Cost) Quantile(share float64) time.Duration {
	if len(c.Times) == 0 {
		return 0
	}
	slices.Sort(c.Times)
	return c.Times[min(int(share*float64(len(c.Times))), len(c.Times)-1)]
}

// spent is what the filters' callbacks have used so far.
func (m *Meter) spent() (fuel, calls, allocs uint64) {
	seen := map[string]bool{} // filters may share a VM
	for _, f := range m.rig.Stats() {
		if vm := f.Module + f.VM; !seen[vm] {
			for _, l := range f.Lanes {
				fuel += l.Fuel
				calls += l.Asked
			}
			seen[vm] = true
		}
	}
	return fuel, calls, mallocs()
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// enter begins a phase, what it answers ends it.
func (m *Meter) enter(p Phase) (leave func()) {
	if m == nil {
		return nothing
	}
	c := m.Phases[p]
	if c == nil {
		if m.Phases == nil {
			m.Phases = map[Phase]*Cost{}
		}
		c = new(Cost)
		m.Phases[p] = c
	}
	if m.Counts {
		return m.count(c)
	}
	began := time.Now()
	return func() { c.Times = append(c.Times, time.Since(began)) }
}

func nothing() {}

// count finds out what a phase costs beside time.
func (m *Meter) count(c *Cost) (leave func()) {
	var fuel, calls, allocs uint64
	leave = func() {
		now := mallocs()
		f, n, _ := m.spent()
		c.N++
		c.Fuel += f - fuel
		c.Calls += n - calls
		c.Allocs += now - allocs
	}
	fuel, calls, allocs = m.spent()
	return leave
}
