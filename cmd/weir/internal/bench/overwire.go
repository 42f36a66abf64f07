package bench

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/weirproxy/weir/bench/isolate"
	"github.com/weirproxy/weir/bench/load"
	"github.com/weirproxy/weir/bench/report"
	"github.com/weirproxy/weir/bench/wire"
)

// overWire measures the chain with and without each filter.
func (o *chain) overWire(ctx context.Context, route *isolate.Route, request load.Request, r *report.Report, p *progress) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding our own executable: %w", err)
	}
	p.of("over the wire")
	p.told(0, 1, "starting")
	lab, err := wire.New(ctx, self, "bench")
	if err != nil {
		return err
	}
	defer lab.Close()
	var all []*wire.Contender
	start := func(name string, change func(*isolated)) error {
		i := o.isolated
		i.Origin = lab.Origin()
		change(&i)
		c, err := lab.Weir(ctx, name, i.args()...)
		all = append(all, c)
		return err
	}
	err = start("the whole chain", func(*isolated) {})
	for _, name := range route.Filters() {
		if err == nil {
			err = start("without "+name, func(i *isolated) { i.Without = name })
		}
	}
	if err == nil {
		err = start("no filter", func(i *isolated) { i.Bare = true })
	}
	if err != nil {
		return err
	}
	plan := wire.Plan{
		Rounds: o.rounds, Warm: o.seconds / 4, Told: p.told,
		Load: load.Load{Request: request, Status: o.status, Connections: o.connections, Rate: o.rate, Duration: o.seconds},
	}
	rows, notes, err := plan.Measure(ctx, all)
	r.Notes = append(r.Notes, notes...)
	r.Tables = append(r.Tables,
		report.Table{Title: "over the wire", Figures: plan.Figures(), Rows: rows},
		report.Table{Title: "what each filter adds, by the rounds' differences", Figures: added, Rows: additions(route.Filters(), rows), Derived: true, Part: true})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w; %s", err, remedies)
	}
	if len(notes) > 0 {
		r.Notes = append(r.Notes, "over the wire, refusals cost other than what passes; "+remedies)
	}
	return err
}

// remedies are for answers that are not as they should be.
const remedies = "--header, --path and --method say what the filters ask for, --status what they answer, and --rate stays below what a limit lets through"

// added are the figures of what a filter adds.
var added = []report.Figure{{Key: "cpu_us", Label: "CPU us"}, {Key: "p50_us", Label: "p50 us"}, {Key: "p99_us", Label: "p99 us"}}

// additions are the differences of each round: what is measured first, and with
// all filters, against what lacks one.
func additions(filters []string, rows []report.Row) (all []report.Row) {
	whole := &rows[0]
	for i, name := range append(slices.Clone(filters), "all filters") {
		row := report.Row{Name: name}
		without := &rows[i+1]
		for _, f := range added {
			for n, v := range without.Values[f.Key] {
				row.Add(f.Key, whole.Values[f.Key][n]-v)
			}
		}
		all = append(all, row)
	}
	return all
}
