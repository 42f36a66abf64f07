package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/inprocess"
	"github.com/weirproxy/weir/bench/report"
	"github.com/weirproxy/weir/cmd/weir/internal/bundled"
	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/trial"
)

// filter is the command's flags.
type filter struct {
	request
	amount
	output
	config, rootID, cases string
	module                string
}

func filterCommand() *cobra.Command {
	var o filter
	c := &cobra.Command{
		Use:   "filter FILE.wasm",
		Short: "Say what a filter costs",
		Long: `Say what a filter costs in process: time, fuel, host calls and allocations in the
host, by phase. The requests are those of the flags, or those of the cases of a file
for "weir test".`,
		Example: "  weir bench filter build/house.wasm --config house.json -H \"x-a: 1\"\n  weir bench filter build/house.wasm --cases test.toml",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return exit.With(2, err)
			}
			o.module = args[0]
			return measure(c, &o.output, o.limit, o.run)
		},
	}
	f := c.Flags()
	f.StringVar(&o.config, "config", "", "`file` with what the filter is given")
	f.StringVar(&o.rootID, "root-id", "", "the proxy-wasm root `id`")
	f.StringVar(&o.cases, "cases", "", "`file` of cases, instead of a request")
	o.request.flags(c)
	o.amount.flags(c, false)
	o.output.flags(c)
	return c
}

func (o *filter) run(ctx context.Context, r *report.Report, p *progress) error {
	engine, err := server.OpenEngine(config.Default(config.RoleGateway), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer engine.Close()
	r.Kind, r.Name = "filter", filepath.Base(o.module)
	r.Tables = []report.Table{{Title: "in process", Figures: inprocess.Figures}}
	p.of(r.Name)
	if o.cases != "" {
		runner := trial.Runner{Engine: engine, Builtins: bundled.Filters{}}
		defer runner.Close()
		return o.each(ctx, &runner, r, p)
	}
	p.told(0, 1, "measuring")
	table, err := o.table()
	if err != nil {
		return exit.With(2, err)
	}
	request, err := o.native()
	if err != nil {
		return exit.With(2, err)
	}
	const name = "the filter"
	plan := inprocess.Plan{
		Engine: engine, Filters: map[string]config.Filter{name: table}, Chain: []string{name},
		Request: request, Response: answered(), Streams: o.streams, Rounds: o.rounds,
	}
	m, err := plan.Measure(ctx, name)
	if m == nil {
		return exit.With(2, err)
	}
	r.Tables[0].Rows = m.Rows
	if m.Note != "" {
		r.Notes = append(r.Notes, m.Note)
	}
	return err
}

// table is the filter's, as one in proxy.toml would be.
func (o *filter) table() (config.Filter, error) {
	f := config.Filter{Module: o.module, RootID: o.rootID}
	if info, err := os.Stat(o.module); err != nil {
		return f, fmt.Errorf("reading the module: %w", err)
	} else if !info.Mode().IsRegular() {
		return f, fmt.Errorf("reading the module: %s is no file", o.module)
	}
	if o.config != "" {
		text, err := os.ReadFile(o.config)
		if err != nil {
			return f, fmt.Errorf("--config: %w", err)
		}
		if filepath.Ext(o.config) == ".json" && !json.Valid(text) {
			return f, fmt.Errorf("--config: %s is not JSON", o.config)
		}
		f.Config = string(text)
	}
	if problems := f.Finish(""); len(problems) > 0 {
		return f, problems
	}
	return f, nil
}

// each measures the cases of a file, those that pass.
func (o *filter) each(ctx context.Context, runner *trial.Runner, r *report.Report, p *progress) error {
	suite, err := trial.Load(o.cases, o.module)
	if err != nil {
		return exit.With(2, err)
	}
	t := &r.Tables[0]
	for i, c := range suite.Cases {
		p.told(i, len(suite.Cases), c.Name)
		result := runner.Run(ctx, suite, c)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !result.Passed() {
			r.Notes = append(r.Notes, fmt.Sprintf("the case %q is left out: it fails; run \"weir test %s\"", c.Name, o.cases))
			continue
		}
		rounds := inprocess.NewCase(c.Name)
		for range o.rounds {
			b, err := runner.Bench(ctx, suite, c, o.streams)
			if err != nil {
				return fmt.Errorf("measuring %q: %w", c.Name, err)
			}
			if b.Streams > 0 {
				rounds.Add(b)
			}
		}
		t.Rows = append(t.Rows, rounds.Rows()...)
	}
	if len(t.Rows) == 0 {
		return errors.New("no case can be measured: " + fmt.Sprint(r.Notes))
	}
	return nil
}
