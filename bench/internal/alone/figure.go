// Package alone measures of Weir what no comparison shows: how soon it serves,
// what it holds when idle, how long one filter's work holds up others, and what
// the collector of a filter in Go takes.
//
// Start at [Idle], [Stall], [Collector] and [Streams].
package alone

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// Figure is one result.
type Figure struct {
	Name  string
	Value float64
	Unit  string
	Limit float64 // what it may be at most; 0 for no target
}

// Met says whether the target, if there is one, was reached.
func (f Figure) Met() bool { return f.Limit == 0 || f.Value <= f.Limit }

// Write shows figures to people.
func Write(w io.Writer, figures []Figure) error {
	width := len("figure")
	for _, f := range figures {
		width = max(width, len(f.Name))
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(t, "%-*s\tvalue\tunit\tat most\tverdict\t\n", width, "figure")
	for _, f := range figures {
		limit, verdict := "", ""
		if f.Limit > 0 {
			limit, verdict = fmt.Sprintf("%.1f", f.Limit), "pass"
			if !f.Met() {
				verdict = "miss"
			}
		}
		_, _ = fmt.Fprintf(t, "%-*s\t%.1f\t%s\t%s\t%s\t\n", width, f.Name, f.Value, f.Unit, limit, verdict)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the figures: %w", err)
	}
	return nil
}

// middle is the median of an odd number of values.
func middle(of []float64) float64 {
	return slices.Sorted(slices.Values(of))[len(of)/2]
}
