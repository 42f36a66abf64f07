package ca

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/core/identity/authority"
	"github.com/weirproxy/weir/core/observe"
)

func serveCommand() *cobra.Command {
	var listen string
	var names []string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Give members their identities over HTTPS",
		Long: `Give members their identities over HTTPS, by a join token or by the identity that
they have: identity.authority of proxy.toml. SIGTERM and SIGINT end it; members
go on with what they have.`,
		Example: "  weir ca serve --listen :8444 --name ca.internal",
		Args:    cobra.NoArgs,
	}
	open, _ := inFolder(c)
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8444", "the `address` to listen on")
	c.Flags().StringSliceVar(&names, "name", []string{"localhost", "127.0.0.1", "::1"}, "hosts and `addresses` that members know it by")
	c.RunE = func(c *cobra.Command, _ []string) error {
		a, err := open()
		if err != nil {
			return err
		}
		return serve(c.Context(), a, listen, names)
	}
	return c
}

// serve answers until a signal comes.
func serve(ctx context.Context, a *authority.Authority, listen string, names []string) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	log, _, err := observe.NewLogger(os.Stderr, "info", "")
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("listening on %q: %w", listen, err)
	}
	s := authority.NewServer(a, names, log)
	defer context.AfterFunc(ctx, func() { _ = s.Close() })()
	log.Info("ready", "listen", map[string][]string{"ca": {l.Addr().String()}})
	return s.Serve(l)
}
