package inprocess

import (
	"math"
	"time"

	"github.com/weirproxy/weir/bench/report"
	"github.com/weirproxy/weir/core/trial"
	"github.com/weirproxy/weir/core/trial/rig"
)

// tally makes rows of what a meter reads.
type tally struct {
	name    string
	meter   *rig.Meter
	counted int // streams of which more than the time was counted
	phases  []rig.Phase
	each    map[rig.Phase]*report.Row
	all     report.Row
}

// newTally begins with what was counted.
func newTally(name string, m *rig.Meter, streams int) *tally {
	t := &tally{name: name, meter: m, counted: streams, each: map[rig.Phase]*report.Row{}, all: report.Row{Name: name}}
	sum := rig.Cost{}
	for _, p := range rig.AllPhases {
		c := m.Phases[p]
		// Heads are where filters work that have the host do it all.
		heads := p == rig.PhaseRequestHead || p == rig.PhaseResponseHead
		if c == nil || c.N == 0 || c.Fuel == 0 && c.Calls == 0 && !heads { // no filter takes part
			continue
		}
		row := &report.Row{Name: name + ", " + string(p)}
		t.phases, t.each[p] = append(t.phases, p), row
		t.count(row, c)
		sum.Fuel, sum.Calls, sum.Allocs = sum.Fuel+c.Fuel, sum.Calls+c.Calls, sum.Allocs+c.Allocs
	}
	t.count(&t.all, &sum)
	return t
}

func (t *tally) count(row *report.Row, c *rig.Cost) {
	a := float64(max(t.counted, 1))
	row.Add("fuel", float64(c.Fuel)/a)
	row.Add("host_calls", float64(c.Calls)/a)
	// To a tenth: what the runtime itself allocates now and then is less.
	row.Add("allocs", math.Round(10*float64(c.Allocs)/a)/10)
}

// round takes the times of one.
func (t *tally) round(streams int) {
	var whole time.Duration
	for _, p := range t.phases {
		c := t.meter.Phases[p]
		if c == nil || len(c.Times) == 0 {
			continue
		}
		var sum time.Duration
		for _, d := range c.Times {
			sum += d
		}
		whole += sum
		row := t.each[p]
		row.Add("ns_p50", float64(c.Quantile(.5)))
		row.Add("ns_p99", float64(c.Quantile(.99)))
		row.Add("ns_mean", float64(sum)/float64(max(streams, 1)))
	}
	t.all.Add("ns_mean", float64(whole)/float64(max(streams, 1)))
}

func (t *tally) rows() []report.Row {
	rows := []report.Row{t.all}
	for _, p := range t.phases {
		rows = append(rows, *t.each[p])
	}
	return rows
}

// Case gathers the rounds of a case of "weir test".
type Case struct {
	name string
	t    *tally
}

// NewCase begins with none.
func NewCase(name string) *Case { return &Case{name: name} }

// Add takes a round.
func (c *Case) Add(b *trial.Bench) {
	if c.t == nil {
		c.t = newTally(c.name, b.Meter, b.Counted)
	}
	c.t.meter = b.Meter
	c.t.round(b.Streams)
}

// Rows are those of the case, none before a round was taken.
func (c *Case) Rows() []report.Row {
	if c.t == nil {
		return nil
	}
	return c.t.rows()
}
