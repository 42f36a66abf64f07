package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/internal/handshakes"
	"github.com/weirproxy/weir/bench/internal/system"
)

func handshakesCommand() *cobra.Command {
	p := handshakes.Plan{Kind: system.P256}
	var gate, rsa bool
	c := &cobra.Command{
		Use: "handshakes", Short: "Measure full TLS handshakes beside nginx and Envoy", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(c.Context(), 5*time.Minute)
			defer cancel()
			if rsa {
				p.Kind = system.RSA2048
			}
			setup, done, err := newSetup("c")
			if err != nil {
				return err
			}
			defer done()
			results, err := handshakes.Run(ctx, setup, p, os.Stderr)
			if err != nil {
				return err
			}
			if err := handshakes.Write(os.Stdout, results); err != nil {
				return err
			}
			if share := handshakes.Share(results); gate && share < handshakes.Least {
				return fmt.Errorf("judging handshakes: %.2f is below %.2f", share, handshakes.Least)
			}
			return nil
		},
	}
	c.Flags().IntVar(&p.Rounds, "rounds", 9, "how often each system is measured; odd")
	c.Flags().IntVar(&p.Seconds, "seconds", 4, "of load that counts, each time")
	c.Flags().BoolVar(&rsa, "rsa", false, "with an RSA key of 2048 bits instead of P-256")
	c.Flags().BoolVar(&gate, "gate", false, "fail if the target is missed")
	return c
}
