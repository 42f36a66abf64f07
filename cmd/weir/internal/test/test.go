// Package test is "weir test": it runs the cases of a filter's author in the
// real host.
package test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"regexp"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/bundled"
	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/trial"
)

// options are the command's.
type options struct {
	run     string
	junit   string
	verbose bool
	watch   bool
	bench   bool
	streams int
}

// Command is the command.
func Command() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "test DIR|FILE.toml|FILE.wasm...",
		Short: "Run a filter's test cases in the real host",
		Long: `Run the cases of TOML files: what goes into a filter and what must come out, in
the real host and chain, without sockets and by a clock that the case moves. A
folder stands for its files *test.toml, a module for those beside it or in the
folder above. The exit code is 1 if a case fails, 2 if a file or module cannot be used.`,
		Example: "  weir test .\n  weir test --run greets --verbose build/filter.wasm",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			// A second one ends the process at once, whatever it is at.
			defer context.AfterFunc(ctx, stop)()
			return run(ctx, c.OutOrStdout(), &o, args)
		},
	}
	f := c.Flags()
	f.StringVar(&o.run, "run", "", "only cases whose name matches the `regex`")
	f.BoolVar(&o.bench, "bench", false, "measure each case that passes: time, fuel, host calls and allocations of each phase")
	f.IntVar(&o.streams, "streams", 10_000, "how many `streams` --bench measures")
	f.BoolVar(&o.watch, "watch", false, "run again when a file beside the cases or the module changes, until Ctrl-C")
	f.StringVar(&o.junit, "junit", "", "also write the results as JUnit XML to a `file`")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "show what filters log and call")
	return c
}

// run does all that the command line asks for.
func run(ctx context.Context, w io.Writer, o *options, args []string) error {
	pattern, err := regexp.Compile(o.run)
	if err != nil {
		return exit.With(2, fmt.Errorf("--run: %w", err))
	}
	if o.streams < 1 {
		return exit.With(2, fmt.Errorf("--streams: %d is less than 1", o.streams))
	}
	engine, err := server.OpenEngine(config.Default(config.RoleGateway), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer engine.Close()
	s := &session{ctx: ctx, out: w, options: o, pattern: pattern}
	s.runner = trial.Runner{Engine: engine, Builtins: bundled.Filters{}}
	defer s.runner.Close()
	if o.verbose {
		s.runner.Line, s.runner.Call = s.line, s.call
	}
	if o.watch {
		return s.watch(args)
	}
	return s.once(args)
}
