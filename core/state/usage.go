package state

import (
	"cmp"
	"slices"
)

// Usage is what a namespace takes, for metrics and the admin page.
type Usage struct {
	Name         string
	Bytes, Limit int64  // of data
	RateKeys     int    // that have a counter of their own
	Crowded      uint64 // answers ever given from shared counters: see Take
	Circuits     int    // that there are
	Broken       int    // of them: open or half-open
}

// Usage is that of every namespace, in the order of their names.
func (s *Store) Usage() []Usage {
	spaces := s.all()
	all := make([]Usage, len(spaces))
	for i, n := range spaces {
		all[i] = Usage{
			Name: n.name, Bytes: n.Size(), Limit: n.data.limit.Load(),
			RateKeys: n.RateKeys(), Crowded: n.rates.crowded.Load(),
		}
		all[i].Circuits, all[i].Broken = n.circuits.Count()
	}
	slices.SortFunc(all, func(a, b Usage) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
