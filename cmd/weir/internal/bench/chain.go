package bench

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/inprocess"
	"github.com/weirproxy/weir/bench/isolate"
	"github.com/weirproxy/weir/bench/report"
	"github.com/weirproxy/weir/cmd/weir/internal/bundled"
	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/trial/rig"
)

// chain is the command's flags.
type chain struct {
	isolated
	request
	amount
	output
	inProcess bool
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
			if err := o.check(); err != nil {
				return exit.With(2, err)
			}
			return measure(c, &o.output, o.limit, o.run)
		},
	}
	run.Flags(c, &o.file, &o.above)
	c.Flags().StringVar(&o.route, "route", "", "the route's `name`; needed if there are several")
	c.Flags().BoolVar(&o.inProcess, "in-process", false, "leave out what goes over the wire")
	c.Flags().BoolVar(&o.AllowRemote, "allow-remote", false, "let filters call clusters that are not on this machine")
	o.request.flags(c)
	o.amount.flags(c, true)
	o.output.flags(c)
	return c
}

func (o *chain) run(ctx context.Context, r *report.Report, p *progress) error {
	cfg, err := config.Load(o.file, o.above)
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
		if len(cfg.Filters[l.Name].Calls) > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("in process, no service answers %s: over the wire it has its own", l.Name))
		}
		if l.Conditional() {
			r.Notes = append(r.Notes, fmt.Sprintf("%s has conditions: in process it sees all requests", l.Name))
		}
	}
	return nil
}
