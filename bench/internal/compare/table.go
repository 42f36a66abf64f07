package compare

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// WriteTable shows the results to people.
func (r Results) WriteTable(w io.Writer) error {
	_, _ = fmt.Fprintf(w, "\n%d rounds of %d s, %d connections, replies of 1 KiB; CPU of the proxy in us a request\n\n",
		len(r.Rounds), r.Plan.Seconds, r.Plan.Connections)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	width := 0
	for _, name := range r.Systems() {
		width = max(width, len(name))
	}
	_, _ = fmt.Fprintf(t, "%-*s\tcpu min\tuser\tsystem\tcpu median\treq/s\tp50 us\tp99 us\tRSS MiB\t\n", width, "system")
	for at, name := range r.Systems() {
		s := r.Summary(at)
		_, _ = fmt.Fprintf(t, "%-*s\t%.1f\t%.1f\t%.1f\t%.1f\t%.0f\t%.0f\t%.0f\t%.1f\t\n",
			width, name, s.CPU, s.User, s.System, s.CPUMedian, s.RPS, s.P50, s.P99, s.Resident)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	verdicts := r.Verdicts()
	if len(verdicts) == 0 {
		return nil
	}
	_, _ = fmt.Fprint(w, "\nCPU ratios within a round\n\n")
	width = 0
	for _, v := range verdicts {
		width = max(width, len(v.Name()))
	}
	_, _ = fmt.Fprintf(t, "%-*s\tmedian\tleast\tmost\tof minima\tat most\tverdict\t\n", width, "ratio")
	for _, v := range verdicts {
		word := "miss"
		if v.Met() {
			word = "pass"
		}
		_, _ = fmt.Fprintf(t, "%-*s\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%s\t\n",
			width, v.Name(), v.Ratio, v.Least, v.Most, v.Minima, v.Limit, word)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}
