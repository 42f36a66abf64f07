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
	var file, listen string
	var above config.Overrides
	var inMesh bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Try it: a demo service and a gateway before it",
		Long: `Start a demo service and a proxy before it, and print curl commands to try.
The configuration must have the demo service's address as its upstream, as
the repository's proxy.toml has.

With --mesh: two services, each with a sidecar, and a gateway before them, which
speak mutual TLS with identities of an authority that lives as long as they do. All
three proxies are processes of "weir run" from the repository's proxy.toml.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if inMesh {
				return tryMesh(c.Context(), c.OutOrStdout(), c.ErrOrStderr(), file, above.Set)
			}
			return try(c.Context(), c.OutOrStdout(), file, above, listen)
		},
	}
	run.Flags(c, &file, &above)
	c.Flags().StringVar(&listen, "service", "127.0.0.1:9000", "the demo service's `address`")
	c.Flags().BoolVar(&inMesh, "mesh", false, "try a small mesh instead")
	for _, other := range []string{"service", "role"} {
		c.MarkFlagsMutuallyExclusive("mesh", other)
	}
	return c
}

// try runs the service, and the proxy before it, until a signal ends the proxy
// or the service fails.
func try(ctx context.Context, out io.Writer, file string, above config.Overrides, listen string) error {
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
	err = run.Serve(ctx, file, above, func(s *server.Server) {
		fmt.Fprint(out, guide(s, socket.Addr().String(), routes(file, above)))
	})
	return errors.Join(err, context.Cause(ctx))
}

// routes are the names of a configuration's routes.
func routes(file string, above config.Overrides) (names []string) {
	cfg, err := config.Load(file, above)
	if err != nil {
		return nil // it has changed since it was taken up
	}
	for _, r := range cfg.Routes {
		names = append(names, r.Name)
	}
	return names
}
