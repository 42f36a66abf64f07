// Package bench is "weir bench": it says what filters, chains and whole proxies
// cost.
package bench

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/report"
	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/cmd/weir/internal/run"
)

// Command is the command.
func Command() *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "Say what filters, chains and proxies cost",
		Long: `Say what filters, chains and whole proxies cost: in process, and over the loopback
interface with own child processes. The figures of one run can be compared: what is
compared was measured in turns.`,
		Example: `  weir bench chain -c proxy.toml --route api -H "x-api-key: …"
  weir bench filter build/house.wasm --config house.json
  weir bench run bench/scenarios/overhead.toml --json after.json --html after.html
  weir bench compare before.json after.json --max-regression 5%`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(chainCommand(), filterCommand(), runCommand(), compareCommand(), originCommand(), proxyCommand())
	return c
}

// interrupted is the exit code of an end by a signal, as of a shell's own commands.
const interrupted = 130

// errInterrupted is the end by a signal.
var errInterrupted = errors.New("interrupted: the result is that of the rounds until then")

// measure runs a measurement until it ends or a signal ends it, and gives out what
// was found: also what was found until then. limit bounds the whole.
func measure(c *cobra.Command, o *output, limit time.Duration, do func(ctx context.Context, r *report.Report, p *progress) error) error {
	ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// A second one ends the process at once, whatever it is at.
	defer context.AfterFunc(ctx, stop)()
	bounded, cancel := context.WithTimeoutCause(ctx, limit, errors.New("it takes longer than "+limit.String()+": the result is that of the rounds until then"))
	defer cancel()
	r := &report.Report{Version: report.Version, Began: time.Now().UTC().Truncate(time.Second), Machine: report.Here()}
	r.Took("weir", run.Version())
	r.Took("go", strings.TrimPrefix(runtime.Version(), "go"))
	p := newProgress(os.Stderr)
	err := do(bounded, r, p)
	p.end()
	r.Prune()
	if err != nil && bounded.Err() == nil && len(r.Tables) == 0 {
		return err
	}
	switch {
	case ctx.Err() != nil:
		err = exit.With(interrupted, errInterrupted)
	case bounded.Err() != nil:
		err = context.Cause(bounded)
	}
	r.Partial = err != nil
	if failed := o.write(c.OutOrStdout(), r); failed != nil {
		code, reason := exit.Of(err)
		return exit.With(code, errors.Join(failed, reason))
	}
	return err
}
