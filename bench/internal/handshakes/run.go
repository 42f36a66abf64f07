// Package handshakes measures what full TLS handshakes cost a proxy, beside its
// peers with the same key.
//
// Start at [Run].
package handshakes

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/weirproxy/weir/bench/internal/system"
)

// Plan is how much is measured.
type Plan struct {
	Rounds  int
	Seconds int // of each slice
	Kind    system.KeyKind
}

// Result is one system's cost of a handshake, and how many it did a second.
type Result struct {
	System string
	Micros []float64 // of CPU, by round
	Rates  []float64
}

// Least is how many handshakes Weir is to do with the CPU time of one of nginx's.
const Least = 0.6

// Run measures the systems in turns.
func Run(ctx context.Context, setup *system.Setup, p Plan, log io.Writer) ([]Result, error) {
	systems := system.Secured(p.Kind)
	if err := setup.Prepare(ctx, systems); err != nil {
		return nil, err
	}
	results := make([]Result, len(systems))
	var running []*system.Running
	for i, s := range systems {
		r, err := setup.Start(ctx, s)
		if err != nil {
			return nil, err
		}
		running = append(running, r)
		results[i].System = s.Name
	}
	for round := range p.Rounds {
		_, _ = fmt.Fprintf(log, "round %d of %d:", round+1, p.Rounds)
		for i := range running {
			at := (i + round) % len(running) // no system always follows the same one
			micros, rate, err := measure(ctx, running[at], time.Duration(p.Seconds)*time.Second)
			if err != nil {
				_, _ = fmt.Fprintln(log)
				return nil, fmt.Errorf("measuring %q: %w", running[at].System.Name, err)
			}
			_, _ = fmt.Fprintf(log, " %s %.0f", running[at].System.Name, micros)
			results[at].Micros = append(results[at].Micros, micros)
			results[at].Rates = append(results[at].Rates, rate)
		}
		_, _ = fmt.Fprintln(log)
	}
	return results, nil
}

// measure warms a system and then measures one slice.
func measure(ctx context.Context, r *system.Running, d time.Duration) (micros, rate float64, err error) {
	if _, err := load(ctx, r.Addr, d/4); err != nil {
		return 0, 0, err
	}
	before, err := r.CPU()
	if err != nil {
		return 0, 0, err
	}
	from := time.Now()
	n, err := load(ctx, r.Addr, d)
	if err != nil {
		return 0, 0, err
	}
	took := time.Since(from)
	after, err := r.CPU()
	if err != nil {
		return 0, 0, err
	}
	used := after.Sub(before)
	return float64((used.User + used.System).Microseconds()) / float64(n), float64(n) / took.Seconds(), nil
}

// Share is the median over the rounds of how many handshakes of the last system
// cost what one of the first costs.
func Share(results []Result) float64 {
	first, last := results[0], results[len(results)-1]
	shares := make([]float64, len(first.Micros))
	for i := range shares {
		shares[i] = first.Micros[i] / last.Micros[i]
	}
	return middle(shares)
}

// Write shows the results to people.
func Write(w io.Writer, results []Result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintf(t, "%-14s\tcpu min\tcpu median\thandshakes/s\t\n", "system")
	for _, r := range results {
		_, _ = fmt.Fprintf(t, "%-14s\t%.0f\t%.0f\t%.0f\t\n", r.System, slices.Min(r.Micros), middle(r.Micros), middle(r.Rates))
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	verdict := "pass"
	if Share(results) < Least {
		verdict = "miss"
	}
	_, err := fmt.Fprintf(w, "\n%s does %.2f of the handshakes of %s by CPU time, at least %.2f: %s\n",
		results[len(results)-1].System, Share(results), strings.Fields(results[0].System)[0], Least, verdict)
	return err
}

func middle(of []float64) float64 { return slices.Sorted(slices.Values(of))[len(of)/2] }
