package wasm

import (
	"time"

	"github.com/weirproxy/weir/core/fault"
)

// LaneStats are what a lane has done since its VM was made.
type LaneStats struct {
	Lane     int
	State    string        // unused, starting, live, down or closed
	Calls    uint64        // callbacks
	Fuel     uint64        // burned, about a nanosecond each
	Asked    uint64        // host functions that they called
	Longest  time.Duration // callback, from its first safe point on: 0 if none came to one
	Traps    uint64
	Budget   uint64 // callbacks ended because a budget was used up
	Restarts uint64 // attempts to replace a dead instance
	Memory   int    // of the instance that lives there, bytes
	Age      time.Duration
}

// Stats are the lanes in use. It waits for each lane, so for a callback or the
// start of an instance at most.
func (vm *VM) Stats() []LaneStats {
	stats := make([]LaneStats, vm.Lanes())
	for i := range stats {
		l := &vm.lanes[i]
		l.mu.Lock()
		stats[i] = LaneStats{
			Lane:     i,
			State:    laneState(l.state.Load()).String(),
			Calls:    l.calls,
			Fuel:     l.fuel,
			Asked:    l.asked,
			Longest:  l.longest,
			Traps:    l.traps,
			Budget:   l.budget,
			Restarts: l.restarts,
		}
		if l.in != nil {
			stats[i].Memory = l.in.Memory()
			stats[i].Age = time.Since(l.in.born)
		}
		l.Unlock()
	}
	return stats
}

// Quarantined says that the VM gives out no lanes because its guests kept failing.
func (vm *VM) Quarantined() bool { return vm.gate.Load() == gateQuarantined }

// count adds an instance's end.
func (c *laneCounts) count(cause error) {
	if fault.KindOf(cause) == fault.GuestBudget {
		c.budget++
	} else {
		c.traps++
	}
}
