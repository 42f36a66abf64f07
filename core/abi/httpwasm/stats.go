package httpwasm

import (
	"slices"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/wasm"
)

// FilterStats is what the admin page shows of a filter.
type FilterStats struct {
	Name        string
	Module      string        // SHA-256 of the binary
	Streams     uint64        // that came to it
	CPU         time.Duration // of all callbacks: metered, so about
	Traps       uint64
	Unavailable uint64 // streams for which there was no instance
	LogDropped  uint64 // lines beyond its limit
	Quarantined bool
	Lanes       []wasm.LaneStats // its instances, without those let go
}

// Stats are those of every live filter, by name.
func (h *Host) Stats() []FilterStats {
	all := h.filters.All()
	stats := make([]FilterStats, 0, len(all))
	for _, f := range all {
		s := FilterStats{
			Name:        f.spec.Name,
			Module:      f.module.Hash().String(),
			Streams:     f.streams.Load(),
			Traps:       f.traps.Load(),
			Unavailable: f.unavailable.Load(),
			LogDropped:  f.log.Dropped(),
			Quarantined: f.pool.VM().Quarantined(),
			Lanes:       f.pool.VM().Stats(),
		}
		for _, l := range s.Lanes {
			s.CPU += time.Duration(l.Fuel)
		}
		s.Lanes = slices.DeleteFunc(s.Lanes, func(l wasm.LaneStats) bool { return l.State == "unused" })
		stats = append(stats, s)
	}
	slices.SortFunc(stats, func(a, b FilterStats) int { return strings.Compare(a.Name, b.Name) })
	return stats
}
