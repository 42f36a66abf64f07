package compare

import "slices"

// Target is a bound on what one system costs as a multiple of another.
type Target struct {
	System, Peer string
	Limit        float64
}

// Targets are those that the project has set itself.
var Targets = []Target{
	{"weir", "nginx", 1.15},
	{"weir+5", "nginx", 1.5},
	{"weir+5", "envoy", 0.6},
	{"weir+5c", "envoy+5c", 0.4},
	{"weir+edge", "nginx", 1.7},
	{"weir+edge", "envoy+edge", 0.6},
	{"weir+h2", "envoy+h2", 1.3},
	{"weir+mtls", "nginx+mtls", 1.2},
	{"weir+mtls", "envoy+mtls", 0.6},
}

// Name is the ratio's, as in "weir/nginx".
func (t Target) Name() string { return t.System + "/" + t.Peer }

// Verdict is what became of a target.
type Verdict struct {
	Target
	Ratio       float64 // median of the rounds' ratios
	Least, Most float64 // of the rounds
	Minima      float64 // ratio of the two systems' minima
}

// Met says whether the target was reached.
func (v Verdict) Met() bool { return v.Ratio <= v.Limit }

// Verdicts are those of the targets whose systems were both measured.
func (r Results) Verdicts() []Verdict {
	names := r.Systems()
	var all []Verdict
	for _, t := range Targets {
		a, b := slices.Index(names, t.System), slices.Index(names, t.Peer)
		if a < 0 || b < 0 {
			continue
		}
		ours, theirs := r.each(a, Slice.MicrosPerRequest), r.each(b, Slice.MicrosPerRequest)
		ratios := make([]float64, len(ours))
		for i := range ours {
			ratios[i] = ours[i] / theirs[i]
		}
		all = append(all, Verdict{
			Target: t, Ratio: median(ratios),
			Least: slices.Min(ratios), Most: slices.Max(ratios),
			Minima: slices.Min(ours) / slices.Min(theirs),
		})
	}
	return all
}
