package wire

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/weirproxy/weir/bench/load"
	"github.com/weirproxy/weir/bench/report"
)

// Plan is how much is measured.
type Plan struct {
	Rounds int
	Warm   time.Duration // of load before each slice
	Load   load.Load     // Addr and TLS are each contender's; Duration is a slice's
	// Told says how far it is, if it is not nil.
	Told func(done, all int, what string)
}

// Figures are those of a row.
func (p *Plan) Figures() []report.Figure {
	all := []report.Figure{
		{Key: "cpu_us", Label: "CPU us", About: "CPU time of the proxy's processes for one request, in microseconds"},
		{Key: "rps", Label: "req/s", About: "answers in a second", More: true},
		{Key: "p50_us", Label: "p50 us", About: "half of the answers took at most that long, in microseconds"},
		{Key: "p99_us", Label: "p99 us", About: "99 of 100 answers did"},
		{Key: "p999_us", Label: "p99.9 us", About: "999 of 1000 answers did"},
		{Key: "errors", Label: "errors", About: "requests that were answered otherwise than they should be, or not at all"},
		{Key: "rss_mib", Label: "RSS MiB", About: "memory of the proxy's processes behind the load, in MiB"},
	}
	if p.Load.Rate > 0 {
		all = append(all, report.Figure{Key: "unsent", Label: "unsent", About: "requests that were due and for which no connection was free until the end"})
	}
	return all
}

// shares are the points of a row's latencies.
var shares = []float64{0, .1, .25, .5, .75, .9, .95, .99, .995, .999, .9995, .9999, 1}

// Measure loads contenders in turns, and notes whose answers were not all as they
// should be. When ctx is over it gives the rounds that are whole, and the error.
func (p *Plan) Measure(ctx context.Context, contenders []*Contender) (rows []report.Row, notes []string, err error) {
	failed := make([]load.Result, len(contenders))
	rows = make([]report.Row, len(contenders))
	latency := make([]*load.Latency, len(contenders))
	for i, c := range contenders {
		rows[i].Name, latency[i] = c.Name, load.NewLatency()
	}
	for round := range p.Rounds {
		slices := make([]*slice, len(contenders))
		for i := range contenders {
			at := (i + round) % len(contenders) // none always follows the same one
			if p.Told != nil {
				p.Told(round*len(contenders)+i, p.Rounds*len(contenders), contenders[at].Name)
			}
			if slices[at], err = p.slice(ctx, contenders[at]); err != nil {
				return rows, nil, fmt.Errorf("measuring %q: %w", contenders[at].Name, err)
			}
		}
		for i, s := range slices {
			s.fill(&rows[i], p.Load.Rate > 0)
			latency[i].Merge(s.Latency)
			rows[i].Latency = points(latency[i])
			failed[i].Requests += s.Requests
			failed[i].Errors += s.Errors
			if failed[i].First == nil {
				failed[i].First = s.First
			}
		}
	}
	if p.Told != nil {
		p.Told(p.Rounds*len(contenders), p.Rounds*len(contenders), "")
	}
	for i, f := range failed {
		if f.Errors > 0 {
			notes = append(notes, fmt.Sprintf("%s: %d of %d answers were not as they should be, such as: %v", contenders[i].Name, f.Errors, f.Errors+f.Requests, f.First))
		}
	}
	return rows, notes, nil
}

// slice is one contender in one round.
type slice struct {
	*load.Result
	cpu      time.Duration
	resident int64
}

func (p *Plan) slice(ctx context.Context, c *Contender) (*slice, error) {
	l := p.Load
	l.Addr, l.TLS = c.Addr, c.TLS
	if p.Warm > 0 {
		warm := l
		warm.Duration = p.Warm
		if _, err := warm.Run(ctx); err != nil {
			return nil, c.why(ctx, err)
		}
	}
	before, err := c.running.CPU()
	if err != nil {
		return nil, err
	}
	stop := c.begin(ctx)
	got, err := l.Run(ctx)
	if failed := stop(); failed != nil {
		return nil, failed
	}
	if err != nil {
		return nil, c.why(ctx, err)
	}
	after, err := c.running.CPU()
	if err != nil {
		return nil, err
	}
	resident, err := c.running.Resident()
	used := after.Sub(before)
	return &slice{got, used.User + used.System, resident}, err
}

// why adds to an error what may be its reason: that a process has ended, or else
// the last that it wrote.
func (c *Contender) why(ctx context.Context, err error) error {
	if down := c.running.Down(); down != nil {
		return fmt.Errorf("%w: %w", err, down)
	}
	wrote, failed := c.running.Output()
	if wrote = strings.TrimSpace(wrote); failed != nil || ctx.Err() != nil || wrote == "" {
		return err
	}
	last := wrote[strings.LastIndexByte(wrote, '\n')+1:]
	if strings.HasPrefix(last, listening) {
		return err
	}
	return fmt.Errorf("%w; it wrote %.500s", err, last)
}

// begin does what is to be done meanwhile, until stop is called.
func (c *Contender) begin(ctx context.Context) (stop func() error) {
	if c.Meanwhile == nil {
		return func() error { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		for t := time.NewTicker(c.Every); ; {
			select {
			case <-ctx.Done():
				t.Stop()
				ended <- nil
				return
			case <-t.C:
				if err := c.Meanwhile(); err != nil {
					ended <- err
					return
				}
			}
		}
	}()
	return func() error {
		cancel()
		return <-ended
	}
}

// fill adds a slice's figures to a row.
func (s *slice) fill(r *report.Row, open bool) {
	us := func(share float64) float64 { return float64(s.Latency.Quantile(share)) / 1e3 }
	r.Add("cpu_us", float64(s.cpu)/1e3/float64(s.Requests+s.Errors)) // a refusal is work, too
	r.Add("rps", s.RPS())
	r.Add("p50_us", us(.5))
	r.Add("p99_us", us(.99))
	r.Add("p999_us", us(.999))
	r.Add("errors", float64(s.Errors))
	r.Add("rss_mib", float64(s.resident)/(1<<20))
	if open {
		r.Add("unsent", float64(s.Unsent))
	}
}

func points(l *load.Latency) []report.Point {
	var all []report.Point
	for _, s := range shares {
		all = append(all, report.Point{Share: s, Micros: float64(l.Quantile(s)) / 1e3})
	}
	return all
}
