package report

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// WriteText shows a comparison to people.
func (c *Comparison) WriteText(w io.Writer, share float64) error {
	out := &stopping{w: w}
	counts := map[Verdict]int{}
	least := 1.0
	table := ""
	var tab *tabwriter.Writer
	for _, ch := range c.Changes {
		if tab == nil || ch.Table != table {
			if tab != nil {
				_ = tab.Flush()
			}
			table = ch.Table
			fmt.Fprintf(out, "\n%s\n\n", table)
			tab = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(tab, "what\tfigure\tbefore\tafter\ttimes worse\tinterval\tverdict")
		}
		verdict := ch.Verdict(share)
		counts[verdict]++
		least = min(least, ch.Noise.Confidence)
		fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%.3f\t%s\t%s\n",
			ch.Row, ch.Figure.Label, number(ch.Before), number(ch.After), ch.Worse, ch.Noise, verdict)
	}
	if tab != nil {
		_ = tab.Flush()
	}
	fmt.Fprintf(out, "\n%d worse, %d better, %d the same, %d unsure\n", counts[Worse], counts[Better], counts[Same], counts[Unsure])
	fmt.Fprintf(out, "An interval is where \"times worse\" lies, at %.0f %% confidence or what stands beside it, if rounds differ by chance\nalone. It knows nothing of a machine that was busier in one of the runs.\n", 100*confident)
	if least < confident {
		fmt.Fprintln(out, "note: there are too few rounds to be sure; --rounds 5 or more measures enough")
	}
	for _, n := range c.Notes {
		fmt.Fprintf(out, "note: %s\n", n)
	}
	return out.err
}

// String is the interval, with its confidence where that is not [confident].
func (i Interval) String() string {
	switch {
	case i.Confidence == 1:
		return "exact"
	case i.Confidence >= confident:
		return fmt.Sprintf("%.2f…%.2f", i.Low, i.High)
	}
	return fmt.Sprintf("%.2f…%.2f (%.0f %%)", i.Low, i.High, 100*i.Confidence)
}
