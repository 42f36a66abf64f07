package proxywasm

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/wasm"
)

// FilterStats is what the admin page shows of a filter.
type FilterStats struct {
	Name, RootID, VM string
	Module           string // SHA-256 of the binary

	Streams     uint64        // that came to it
	CPU         time.Duration // of all callbacks: metered, so about
	Traps       uint64
	Unavailable uint64 // streams for which there was no instance, or a quarantine
	Calls       uint64 // HTTP calls it made
	LogDropped  uint64 // lines beyond its limit
	Quarantined bool

	SharedBytes int64            // shared data of its VM
	Namespace   string           // where that is in the store
	Lanes       []wasm.LaneStats // of its VM, which others may share
}

// Stats are those of every live filter, by name.
func (h *Host) Stats() []FilterStats {
	filters := h.filters.All()
	stats := make([]FilterStats, 0, len(filters))
	for _, f := range filters {
		r := f.root
		stats = append(stats, FilterStats{
			Name:        r.spec.Name,
			RootID:      r.spec.RootID,
			VM:          r.vm.id,
			Module:      r.vm.module.Hash().String(),
			Streams:     r.counts.streams.Load(),
			CPU:         time.Duration(r.burned()),
			Traps:       r.counts.traps.Load(),
			Unavailable: r.counts.unavailable.Load(),
			Calls:       r.counts.calls.Load(),
			LogDropped:  r.log.Dropped(),
			Quarantined: r.breaker.open() || r.vm.lanes.Quarantined(),
			SharedBytes: r.vm.space.Size(),
			Namespace:   r.vm.namespace,
			Lanes:       r.vm.lanes.Stats(),
		})
	}
	slices.SortFunc(stats, func(a, b FilterStats) int { return strings.Compare(a.Name, b.Name) })
	return stats
}

// rootCounts is what is shown of a filter.
type rootCounts struct {
	fuel        atomic.Uint64 // what they burned
	streams     atomic.Uint64 // that came to it
	traps       atomic.Uint64
	unavailable atomic.Uint64 // streams for which no instance was to be had
	calls       atomic.Uint64
}

// burned adds a callback to what the filter has used.
func (ri *rootInstance) burned(fuel uint64) {
	if ri.gone {
		ri.root.counts.fuel.Add(fuel)
		return
	}
	ri.fuel += fuel
}

// burned is what the filter's callbacks have burned in all instances. It waits
// for each lane.
func (r *root) burned() (fuel uint64) {
	for n := range r.vm.lanes.Lanes() {
		l := r.vm.lanes.Lane(n)
		l.Lock()
		if in := l.Instance(); in != nil {
			if ri := in.User.(*instance).rootOf(r); ri != nil {
				fuel += ri.fuel
			}
		}
		l.Unlock()
	}
	return fuel + r.counts.fuel.Load()
}
