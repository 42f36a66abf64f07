package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/inprocess"
	"github.com/weirproxy/weir/bench/isolate"
	"github.com/weirproxy/weir/bench/load"
	"github.com/weirproxy/weir/bench/report"
	"github.com/weirproxy/weir/bench/wire"
	"github.com/weirproxy/weir/cmd/weir/internal/bundled"
	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/trial/rig"
)

// amount is how much is measured, by flags.
type amount struct {
	rounds, streams, connections int
	seconds                      time.Duration
	limit                        time.Duration
}

func (a *amount) flags(c *cobra.Command, overWire bool) {
	f := c.Flags()
	f.IntVar(&a.rounds, "rounds", 5, "times everything is measured")
	f.IntVar(&a.streams, "streams", 5_000, "requests of a round in process")
	f.DurationVar(&a.limit, "limit", 10*time.Minute, "the longest that all may take")
	a.connections, a.seconds = 1, time.Second
	if overWire {
		f.IntVar(&a.connections, "connections", 32, "connections of the load")
		f.DurationVar(&a.seconds, "time", 2*time.Second, "of a round over the wire")
	}
}

// check finds what nothing can be measured by.
func (a *amount) check() error {
	for _, b := range []struct {
		flag        string
		value, most int
	}{{"--rounds", a.rounds, 1000}, {"--streams", a.streams, 10_000_000}, {"--connections", a.connections, 10_000}} {
		if b.value < 1 || b.value > b.most {
			return fmt.Errorf("%s: %d is not between 1 and %d", b.flag, b.value, b.most)
		}
	}
	for _, b := range []struct {
		flag        string
		value, most time.Duration
	}{{"--time", a.seconds, 5 * time.Minute}, {"--limit", a.limit, 24 * time.Hour}} {
		if b.value < 10*time.Millisecond || b.value > b.most {
			return fmt.Errorf("%s: %s is not between 10ms and %s", b.flag, b.value, b.most)
		}
	}
	return nil
}

// checkRate finds rates that cannot be.
func checkRate(rate float64) error {
	if !(rate >= 0 && rate <= maxRate) {
		return fmt.Errorf("--rate: %v is not between 0 and %d", rate, maxRate)
	}
	return nil
}

// maxRate is far above what one load can send, in requests a second.
const maxRate = 1_000_000

// chain is the command's flags.
type chain struct {
	isolated
	request
	amount
	output
	inProcess bool
	rate      float64
}

func chainCommand() *cobra.Command {
	var o chain
	c := &cobra.Command{
		Use:   "chain",
		Short: "Say what each filter of a route's chain costs",
		Long: `Say what each filter of a route's chain costs. First in process, each filter
by itself and the chain as a whole: time, fuel, host calls and allocations in the host by
phase. Then over the loopback interface: the whole chain, the chain without each of its
filters, and no filter, in turns. The route stands alone there, with a server of our own
behind it: no other part of the file is used but what its filters need.`,
		Example: "  weir bench chain -c proxy.toml --route api --path /api/x -H \"x-api-key: …\"",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := errors.Join(o.check(), checkRate(o.rate)); err != nil {
				return exit.With(2, err)
			}
			return measure(c, &o.output, o.limit, o.run)
		},
	}
	run.Flags(c, &o.file, &o.role)
	c.Flags().StringVar(&o.route, "route", "", "the route's `name`; needed if there are several")
	c.Flags().BoolVar(&o.inProcess, "in-process", false, "leave out what goes over the wire")
	c.Flags().BoolVar(&o.AllowRemote, "allow-remote", false, "let filters call clusters that are not on this machine")
	c.Flags().Float64Var(&o.rate, "rate", 0, "requests a `second` over the wire, 0 for as many as there can be; below what a limit in the chain lets through")
	o.request.flags(c)
	o.amount.flags(c, true)
	o.output.flags(c)
	return c
}

func (o *chain) run(ctx context.Context, r *report.Report, p *progress) error {
	cfg, err := config.Load(o.file, config.Overrides{Role: config.Role(o.role)})
	if err != nil {
		return exit.With(2, err)
	}
	route, err := isolate.Find(cfg, o.route)
	if err != nil {
		return exit.With(2, err)
	}
	if len(route.Chain) == 0 {
		return exit.With(2, fmt.Errorf("the route %q has no filters: there is nothing to measure", route.Name))
	}
	request, err := o.wire()
	if err != nil {
		return exit.With(2, err)
	}
	o.Origin = "127.0.0.1:1" // only to find out what is wrong, before it takes time
	alone, err := route.Config(o.Options)
	if err != nil {
		return exit.With(2, err)
	}
	r.Kind, r.Name = "chain", route.Name
	o.route = route.Name
	if err := o.native(ctx, alone, route, r, p); err != nil || o.inProcess {
		return err
	}
	return o.overWire(ctx, route, request, r, p)
}

// native measures each filter by itself, and all together.
func (o *chain) native(ctx context.Context, cfg *config.Config, route *isolate.Route, r *report.Report, p *progress) error {
	request, err := o.request.native()
	if err != nil {
		return exit.With(2, err)
	}
	engine, err := server.OpenEngine(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer engine.Close()
	names := route.Filters()
	r.Tables = append(r.Tables, report.Table{Title: "in process, each filter by itself", Figures: inprocess.Figures})
	t := &r.Tables[len(r.Tables)-1]
	plan := inprocess.Plan{
		Engine: engine, Builtins: bundled.Filters{}, Filters: cfg.Filters, Request: request, Response: answered(),
		Facts: rig.Facts{Route: route.Name, Listener: string(route.Side), Cluster: "bench"}, Streams: o.streams, Rounds: o.rounds,
	}
	p.of("in process")
	for i, name := range append(slices.Clone(names), "the whole chain") {
		p.told(i, len(names)+1, name)
		plan.Chain = names
		if i < len(names) {
			plan.Chain = []string{name}
		}
		m, err := plan.Measure(ctx, name)
		if m != nil {
			t.Rows = append(t.Rows, m.Rows...)
			if m.Note != "" {
				r.Notes = append(r.Notes, "in process, "+m.Note)
			}
		}
		if err != nil {
			return err
		}
	}
	for _, l := range route.Chain {
		if l.Conditional() {
			r.Notes = append(r.Notes, fmt.Sprintf("%s has conditions: in process it sees all requests", l.Name))
		}
	}
	return nil
}

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
		report.Table{Title: "what each filter adds, by the rounds' differences", Figures: added, Rows: additions(route.Filters(), rows), Derived: true})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w; --header, --path and --method say what the filters ask for, and --status what they answer", err)
	}
	return err
}

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
