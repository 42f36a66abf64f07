package compare

import "slices"

// Results are all slices of a run: a row for each round, systems in the same
// order in each.
type Results struct {
	Plan   Plan
	Rounds [][]Slice
}

// Summary is one system over all rounds.
type Summary struct {
	// The round in which a request cost least: what was disturbed least. User
	// and System are of that round, so that they add up.
	CPU, User, System float64 // microseconds a request

	CPUMedian float64
	RPS       float64 // median
	P50, P99  float64 // microseconds, medians
	Resident  float64 // MiB, the most
}

// Systems are the names, in order.
func (r Results) Systems() []string {
	var names []string
	if len(r.Rounds) > 0 {
		for _, s := range r.Rounds[0] {
			names = append(names, s.System)
		}
	}
	return names
}

// Summary sums up the system at an index of Systems.
func (r Results) Summary(at int) Summary {
	least := r.Rounds[0][at]
	for _, round := range r.Rounds {
		if round[at].MicrosPerRequest() < least.MicrosPerRequest() {
			least = round[at]
		}
	}
	return Summary{
		CPU: least.MicrosPerRequest(), User: least.UserMicros(), System: least.SystemMicros(),
		CPUMedian: median(r.each(at, Slice.MicrosPerRequest)),
		RPS:       median(r.each(at, func(s Slice) float64 { return s.RPS })),
		P50:       median(r.each(at, func(s Slice) float64 { return float64(s.P50.Microseconds()) })),
		P99:       median(r.each(at, func(s Slice) float64 { return float64(s.P99.Microseconds()) })),
		Resident:  slices.Max(r.each(at, func(s Slice) float64 { return float64(s.Resident) / (1 << 20) })),
	}
}

// each takes one figure of a system from every round.
func (r Results) each(at int, figure func(Slice) float64) []float64 {
	var all []float64
	for _, round := range r.Rounds {
		all = append(all, figure(round[at]))
	}
	return all
}

// median leaves what it is given as it is.
func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
