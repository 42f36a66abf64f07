// Package run is "weir run": it serves by a configuration until it is told to
// stop.
package run

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/bundled"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/explain"
	"github.com/weirproxy/weir/core/server"
)

// Command is the command.
func Command() *cobra.Command {
	var file string
	var above config.Overrides
	c := &cobra.Command{
		Use:   "run",
		Short: "Serve by a configuration",
		Long: `Serve by a configuration until SIGTERM or SIGINT, which let what is under way
end first; a second one ends it at once. SIGHUP, a change of the file or of a
module's, and POST /reload at the admin's address take up a changed
configuration; one that is wrong changes nothing.`,
		Example: "  weir run -c proxy.toml\n  weir run -c proxy.toml --role sidecar\n  weir run -c proxy.toml --role sidecar --set 'sidecar.app = \"127.0.0.1:9000\"'",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return Serve(c.Context(), file, above, nil)
		},
	}
	Flags(c, &file, &above)
	return c
}

// Flags are those of commands that read a configuration.
func Flags(c *cobra.Command, file *string, above *config.Overrides) {
	c.Flags().StringVarP(file, "config", "c", "proxy.toml", "the configuration's `file`")
	Above(c, above)
}

// Above are the flags of what stands above a configuration's file.
func Above(c *cobra.Command, above *config.Overrides) {
	RoleFlag(c, &above.Role)
	c.Flags().StringArrayVar(&above.Set, "set", nil, "a `line` as the file has them, which stands above it; may be given again")
}

// Hooks are called as a server begins and ends; each may be nil.
type Hooks struct {
	Started func(*server.Server) // its sockets are open
	Ready   func()               // see server.Options
	Leave   func()               // likewise
}

// Serve builds a server and runs it until a signal or ctx ends it. started is
// called once its sockets are open, if it is not nil.
func Serve(ctx context.Context, file string, above config.Overrides, started func(*server.Server)) error {
	return ServeWith(ctx, file, above, Hooks{Started: started})
}

// ServeWith is Serve with more hooks.
func ServeWith(ctx context.Context, file string, above config.Overrides, h Hooks) error {
	// From the first moment on: by default SIGHUP would end the process, also
	// while it starts or drains.
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	// Whoever reads our log may go before us: that ends no request.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// Whoever asks a second time does not want to wait for what is under way:
	// without a handler the signal ends the process at once.
	defer context.AfterFunc(ctx, stop)()
	s, err := server.New(ctx, server.Options{
		File:      file,
		Overrides: above,
		Builtins:  bundled.Filters{},
		Version:   Version(),
		Stderr:    os.Stderr,
		Ready:     h.Ready,
		Leave:     h.Leave,
		Explain:   explain.Live,
	})
	if err != nil && ctx.Err() != nil {
		return nil // it was told to end before it had begun
	}
	if err != nil {
		return err
	}
	if h.Started != nil {
		h.Started(s)
	}
	ended := make(chan struct{})
	defer close(ended)
	go onHangup(hangup, ended, func() {
		if err := s.Reopen(); err != nil {
			fmt.Fprintf(os.Stderr, "weir: %v\n", err)
		}
		if ctx.Err() == nil {
			_ = s.Reload(ctx) // it has told the log
		}
	})
	return s.Run(ctx)
}

// onHangup takes SIGHUP as the wish for a changed configuration, and for a new
// access log after the old one was moved away.
func onHangup(hangup <-chan os.Signal, ended <-chan struct{}, do func()) {
	for {
		select {
		case <-ended:
			return
		case <-hangup:
			do()
		}
	}
}
