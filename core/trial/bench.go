package trial

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/weirproxy/weir/core/trial/rig"
)

// Bench is what the streams of a case cost.
type Bench struct {
	Suite   *Suite
	Case    *Case
	Streams int        // whose times were taken
	Counted int        // of which the cost beside time was found out
	Meter   *rig.Meter // what they have cost
}

// Bounds of a benchmark.
const (
	benchTime = 10 * time.Second // then it ends, however many streams it has had
	warmUp    = 200              // streams before those that are measured
	counted   = 200              // of which the cost beside time is found out
)

// Bench runs a case again and again in one host, until there were so many
// streams. What filters count in it goes on counting.
func (r *Runner) Bench(ctx context.Context, s *Suite, c *Case, streams int) (*Bench, error) {
	b := &Bench{Suite: s, Case: c}
	t := newTry(s, c)
	o := r.options(c, t)
	o.Line, o.Called, o.Meter = nil, nil, new(rig.Meter)
	var err error
	if t.rig, err = rig.New(ctx, o); err != nil {
		return nil, err
	}
	r.keep(t.rig)
	if _, err = t.play(warmUp); err != nil {
		return nil, err
	}
	b.Meter = o.Meter
	clear(b.Meter.Phases)
	b.Meter.Counts = true
	if b.Counted, err = t.play(counted); err != nil {
		return nil, err
	}
	b.Meter.Counts = false
	b.Streams, err = t.play(streams)
	return b, err
}

// play takes streams through the case's steps, and looks at nothing.
func (t *try) play(streams int) (n int, err error) {
	for by := time.Now().Add(benchTime); n < streams && time.Now().Before(by); {
		for i := range t.c.steps {
			if _, err := t.step(&t.c.steps[i]); err != nil {
				return n, err
			}
		}
		for _, s := range t.begun {
			s.Abort()
		}
		if err := t.rig.Settle(); err != nil {
			return n, err
		}
		if t.count == 0 {
			return n, nil
		}
		n += t.count
		t.begun, t.count = t.begun[:0], 0
		clear(t.watched)
		clear(t.used)
		t.rig.Forget()
	}
	return n, nil
}

// Report writes the figures as a table.
func (b *Bench) Report(w io.Writer) {
	fmt.Fprintf(w, "      %d streams\n", b.Streams)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "      phase\ta stream\tp50\tp99\tfuel\thost calls\tallocations\t")
	for _, p := range rig.AllPhases {
		c := b.Meter.Phases[p]
		if c == nil || len(c.Times) == 0 || c.Fuel == 0 && c.Calls == 0 { // no filter takes part
			continue
		}
		each := func(v uint64) string { return fmt.Sprintf("%.1f", float64(v)/float64(max(c.N, 1))) }
		fmt.Fprintf(t, "      %s\t%.2g\t%d ns\t%d ns\t%s\t%s\t%s\t\n", p, float64(len(c.Times))/float64(b.Streams),
			c.Quantile(.5).Nanoseconds(), c.Quantile(.99).Nanoseconds(), each(c.Fuel), each(c.Calls), each(c.Allocs))
	}
	t.Flush()
}
