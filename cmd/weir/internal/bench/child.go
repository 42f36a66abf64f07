package bench

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/isolate"
	"github.com/weirproxy/weir/bench/wire"
	"github.com/weirproxy/weir/cmd/weir/internal/bundled"
	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
)

// originCommand is the server behind the proxies, in a process of its own.
func originCommand() *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use: "origin", Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			l, err := net.Listen("tcp", addr)
			if err != nil {
				return fmt.Errorf("serving the origin: %w", err)
			}
			return wire.ServeOrigin(l)
		},
	}
	c.Flags().StringVar(&addr, "listen", "127.0.0.1:0", "address to listen at")
	return c
}

// isolated are the flags of a proxy that is one route of a configuration.
type isolated struct {
	file, route string
	above       config.Overrides
	isolate.Options
}

// args are the flags as the process is given them.
func (i *isolated) args() []string {
	args := []string{
		"bench", "proxy", "--config", i.file, "--role", string(i.above.Role), "--route", i.route, "--origin", i.Origin, "--without", i.Without,
		fmt.Sprintf("--bare=%t", i.Bare), fmt.Sprintf("--more=%d", i.More), fmt.Sprintf("--allow-remote=%t", i.AllowRemote),
	}
	for _, line := range i.above.Set {
		args = append(args, "--set", line)
	}
	return args
}

// change makes the route a configuration of its own.
func (i *isolated) change(cfg *config.Config) (*config.Config, error) {
	r, err := isolate.Find(cfg, i.route)
	if err != nil {
		return nil, err
	}
	return r.Config(i.Options)
}

// proxyCommand is a proxy that is measured, in a process of its own.
func proxyCommand() *cobra.Command {
	var i isolated
	c := &cobra.Command{
		Use: "proxy", Hidden: true, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return i.serve(c.Context()) },
	}
	run.Flags(c, &i.file, &i.above)
	f := c.Flags()
	f.StringVar(&i.route, "route", "", "the route")
	f.StringVar(&i.Origin, "origin", "", "address of the server behind")
	f.StringVar(&i.Without, "without", "", "a filter that is left out")
	f.BoolVar(&i.Bare, "bare", false, "leave all out")
	f.IntVar(&i.More, "more", 0, "routes before it")
	f.BoolVar(&i.AllowRemote, "allow-remote", false, "filters may call what is on other machines")
	return c
}

// serve runs the proxy until a signal ends it. SIGHUP has it read its
// configuration again; where that fails, it ends.
func (i *isolated) serve(ctx context.Context) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	s, err := server.New(ctx, server.Options{
		File: i.file, Overrides: i.above, Change: i.change,
		Builtins: bundled.Filters{}, Version: run.Version(), Stderr: os.Stderr,
	})
	if err != nil {
		return err
	}
	go func() {
		for range hangup {
			if err := s.Reload(ctx); err != nil && ctx.Err() == nil {
				fail(fmt.Errorf("reloading: %w", err))
			}
		}
	}()
	fmt.Print(wire.Listening(s.Addrs()[string(config.SideGateway)][0]))
	err = s.Run(ctx)
	if cause := context.Cause(ctx); err == nil && cause != ctx.Err() {
		return cause
	}
	return err
}
