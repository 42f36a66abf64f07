package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/isolate"
	"github.com/weirproxy/weir/bench/load"
	"github.com/weirproxy/weir/bench/report"
	"github.com/weirproxy/weir/bench/scenario"
	"github.com/weirproxy/weir/bench/wire"
	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/core/config"
)

// scenarioRun is the command's flags.
type scenarioRun struct {
	output
	allowRemote bool
	rounds      int
	duration    time.Duration
	limit       time.Duration
	scenarios   []*scenario.Scenario
}

func runCommand() *cobra.Command {
	var o scenarioRun
	c := &cobra.Command{
		Use:   "run SCENARIO.toml...",
		Short: "Measure proxies beside each other, as files say",
		Long: `Measure proxies beside each other: Weir, in as many configurations as a file
has, and those of nginx, HAProxy and Envoy that are installed. All are child processes with
a server of ours behind them, on the loopback interface, and take the load in turns.
Scenarios are in bench/scenarios.`,
		Example: "  weir bench run bench/scenarios/overhead.toml --html overhead.html",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			var problems []error
			var limit time.Duration
			for _, file := range files {
				s, err := scenario.Load(file, wire.Peers(), wire.PeerHeaders())
				if err == nil {
					err = o.over(c, s)
					limit += s.Limit.Std()
				}
				problems, o.scenarios = append(problems, err), append(o.scenarios, s)
			}
			if err := errors.Join(problems...); err != nil {
				return exit.With(2, err)
			}
			if c.Flags().Changed("limit") {
				limit = o.limit
			}
			return measure(c, &o.output, limit, o.run)
		},
	}
	c.Flags().IntVar(&o.rounds, "rounds", 0, "times each system is measured, instead of the file's")
	c.Flags().DurationVar(&o.duration, "time", 0, "of a measurement, instead of the file's")
	c.Flags().DurationVar(&o.limit, "limit", 0, "the longest that all may take, instead of the files'")
	c.Flags().BoolVar(&o.allowRemote, "allow-remote", false, "let filters call clusters that are not on this machine")
	o.output.flags(c)
	return c
}

// over lays flags over the file.
func (o *scenarioRun) over(c *cobra.Command, s *scenario.Scenario) error {
	given := amount{rounds: s.Rounds, seconds: s.Duration.Std(), streams: 1, connections: s.Connections, limit: s.Limit.Std()}
	if c.Flags().Changed("rounds") {
		given.rounds = o.rounds
	}
	if c.Flags().Changed("time") {
		given.seconds = o.duration
		s.Warm = min(s.Warm, config.Duration(o.duration/4))
	}
	if c.Flags().Changed("limit") {
		given.limit = o.limit
	}
	s.Rounds, s.Duration = given.rounds, config.Duration(given.seconds)
	return given.check()
}

// run measures one scenario behind another.
func (o *scenarioRun) run(ctx context.Context, r *report.Report, p *progress) error {
	r.Kind = "run"
	var names []string
	for _, s := range o.scenarios {
		names = append(names, s.Name)
	}
	r.Name = strings.Join(names, ", ")
	for i, s := range o.scenarios {
		p.of(s.Name)
		if len(o.scenarios) > 1 {
			p.of(fmt.Sprintf("%d/%d %s", i+1, len(o.scenarios), s.Name))
		}
		if err := o.one(ctx, s, r, p); err != nil {
			return fmt.Errorf("scenario %q: %w", s.Name, err)
		}
	}
	return nil
}

func (o *scenarioRun) one(ctx context.Context, s *scenario.Scenario, r *report.Report, p *progress) error {
	request, err := s.Request.Wire()
	if err != nil {
		return exit.With(2, err)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding our own executable: %w", err)
	}
	p.told(0, 1, "starting")
	lab, err := wire.New(ctx, self, "bench")
	if err != nil {
		return err
	}
	defer lab.Close()
	var all []*wire.Contender
	for i := range s.Systems {
		c, missing, err := o.start(ctx, lab, &s.Systems[i])
		switch {
		case err != nil:
			return fmt.Errorf("starting %q: %w", s.Systems[i].Name, err)
		case missing != "":
			r.Notes = append(r.Notes, s.Name+": "+s.Systems[i].Name+" is left out: "+missing)
		default:
			all = append(all, c)
			if c.Program != "" {
				r.Took(c.Program, c.Version)
			}
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("no system of the scenario can be run here: %v", r.Notes)
	}
	plan := wire.Plan{
		Rounds: s.Rounds, Warm: s.Warm.Std(), Told: p.told,
		Load: load.Load{Request: request, Status: s.Request.Status, Connections: s.Connections, Rate: float64(s.Rate), Duration: s.Duration.Std()},
	}
	rows, notes, err := plan.Measure(ctx, all)
	for _, note := range notes {
		r.Notes = append(r.Notes, s.Name+": "+note)
	}
	r.Tables = append(r.Tables,
		report.Table{Title: title(s), About: s.About, Figures: plan.Figures(), Rows: rows},
		report.Table{Title: s.Name + ": CPU of a request, times that of " + rows[0].Name, Figures: relative, Rows: ratios(rows), Part: true})
	return err
}

// start starts a system, or says what it lacks.
func (o *scenarioRun) start(ctx context.Context, lab *wire.Lab, s *scenario.System) (c *wire.Contender, missing string, err error) {
	if f := s.Lacks(); f != "" {
		return nil, f + " is not there", nil
	}
	if s.Config == "" {
		c, lacks, err := lab.Peer(ctx, s.Name)
		if lacks != nil {
			return nil, lacks.Error(), nil
		}
		return c, "", err
	}
	i := isolated{file: s.Config, route: s.Route, Options: isolate.Options{
		Origin: lab.Origin(), Without: s.Without, More: s.MoreRoutes, AllowRemote: o.allowRemote,
	}}
	if c, err = lab.Weir(ctx, s.Name, i.args()...); err == nil && s.Reload > 0 {
		c.Meanwhile, c.Every = c.Hangup, s.Reload.Std()
	}
	return c, "", err
}

// title says what the load is.
func title(s *scenario.Scenario) string {
	how := "closed loop"
	if s.Rate > 0 {
		how = fmt.Sprintf("open loop of %d requests a second", s.Rate)
	}
	return fmt.Sprintf("%s: %s, %d connections, %s a round", s.Name, how, s.Connections, s.Duration.Std())
}

// relative is the one figure of ratios.
var relative = []report.Figure{{Key: "ratio", Label: "times", About: "CPU time of a request over that of the first system in the same round: both have seen the same machine"}}

// ratios are those of each round: its systems have seen the same machine.
func ratios(rows []report.Row) (all []report.Row) {
	base := rows[0].Values["cpu_us"]
	for _, r := range rows {
		row := report.Row{Name: r.Name}
		for n, v := range r.Values["cpu_us"] {
			if base[n] > 0 {
				row.Add("ratio", v/base[n])
			}
		}
		all = append(all, row)
	}
	return all
}
