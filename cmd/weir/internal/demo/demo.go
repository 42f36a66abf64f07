// Package demo is "weir demo": a gateway with a chain of filters before a
// service of its own, to try things out.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
)

// Command is the command.
func Command() *cobra.Command {
	var file, role, listen string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Try it: a demo service and a gateway before it",
		Long: `Start a demo service and a proxy before it, and print curl commands to try.
The configuration must have the demo service's address as its upstream, as
the repository's proxy.toml has.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return try(c.Context(), c.OutOrStdout(), file, role, listen)
		},
	}
	run.Flags(c, &file, &role)
	c.Flags().StringVar(&listen, "service", "127.0.0.1:9000", "the demo service's `address`")
	return c
}

// try runs the service, and the proxy before it, until a signal ends the proxy
// or the service fails.
func try(ctx context.Context, out io.Writer, file, role, listen string) error {
	socket, err := net.Listen("tcp", listen)
	if err != nil {
		return fmt.Errorf("starting the demo service: %w; --service chooses another address", err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	service := &http.Server{Handler: Service()}
	go func() {
		if err := service.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			stop(fmt.Errorf("serving the demo service: %w", err))
		}
	}()
	defer service.Close()
	err = run.Serve(ctx, file, role, func(s *server.Server) {
		fmt.Fprint(out, guide(s, socket.Addr().String(), routes(file, role)))
	})
	return errors.Join(err, context.Cause(ctx))
}

// routes are the names of a configuration's routes.
func routes(file, role string) (names []string) {
	cfg, err := config.Load(file, config.Overrides{Role: config.Role(role)})
	if err != nil {
		return nil // it has changed since it was taken up
	}
	for _, r := range cfg.Routes {
		names = append(names, r.Name)
	}
	return names
}
