// Package sidecar is "weir sidecar": a proxy and the application beside it as one
// process to whoever starts them, begun and ended in the order that loses nothing.
package sidecar

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/core/config"
)

// Command is the command.
func Command() *cobra.Command {
	var file string
	var above config.Overrides
	var grace time.Duration
	c := &cobra.Command{
		Use:   "sidecar [flags] -- COMMAND [ARGUMENT...]",
		Short: "Serve as a sidecar, with the application beside it",
		Long: `Serve as a sidecar, and run an application beside it. The application is started once
the proxy is ready: it has its identity, and the endpoints of its clusters are known. A
proxy that cannot start starts no application.

SIGTERM and SIGINT end both. First no more comes in, and what is under way ends; then
the application gets SIGTERM, and --grace later SIGKILL; the proxy carries what the
application still asks for until it has ended. When the application ends by itself the
proxy drains and ends too. The exit code is the application's, or 128 and the number of
the signal that ended it. SIGHUP reloads the configuration; it, SIGUSR1, SIGUSR2 and
SIGWINCH are passed on to the application.

As the first process of a container it also collects the processes that the application
leaves behind.`,
		Example: "  weir sidecar -c proxy.toml -- ./orders --port 3000",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if os.Getpid() == 1 {
				return beFirst()
			}
			if above.Role == "" && os.Getenv("WEIR_ROLE") == "" {
				above.Role = config.RoleSidecar
			}
			return serve(c.Context(), file, above, &app{argv: args, grace: grace, ended: make(chan struct{})})
		},
	}
	run.Flags(c, &file, &above)
	c.Flags().DurationVar(&grace, "grace", 10*time.Second, "how long the application may take to end")
	c.Flags().SetInterspersed(false)
	return c
}

// The codes of a shell for a command that cannot be run, and that is not there.
const (
	notRun   = 126
	notFound = 127
)

// serve runs the proxy, and the application while it is ready.
func serve(ctx context.Context, file string, above config.Overrides, a *app) error {
	path, err := exec.LookPath(a.argv[0])
	if err != nil {
		return exit.With(notFound, fmt.Errorf("starting the application: %w", err))
	}
	a.path = path
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	passed := make(chan os.Signal, 8)
	signal.Notify(passed, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH)
	defer signal.Stop(passed)
	err = run.ServeWith(ctx, file, above, run.Hooks{
		Ready: func() {
			if err := a.start(); err != nil {
				stop(exit.With(notRun, fmt.Errorf("starting the application: %w", err)))
				return
			}
			go func() {
				for {
					select {
					case s := <-passed:
						a.signal(s.(syscall.Signal))
					case <-a.ended:
						stop(nil)
						return
					}
				}
			}()
		},
		Leave: a.end,
	})
	switch why := context.Cause(ctx); {
	case err != nil:
		a.end()
		return err
	case a.cmd != nil:
		return a.status()
	case why != nil && why != context.Canceled:
		return why
	}
	return nil
}
