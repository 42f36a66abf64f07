package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/internal/abuse"
)

func abuseCommand() *cobra.Command {
	var gate bool
	rounds := 5
	c := &cobra.Command{
		Use: "abuse", Short: "Measure what abuse of HTTP/2 does to other clients", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(c.Context(), 5*time.Minute)
			defer cancel()
			setup, done, err := newSetup("c")
			if err != nil {
				return err
			}
			defer done()
			results, err := abuse.Run(ctx, setup, rounds, os.Stderr)
			if err != nil {
				return err
			}
			if err := abuse.Write(os.Stdout, results); err != nil {
				return err
			}
			for _, r := range results {
				if gate && r.Ratio() > abuse.Most {
					return fmt.Errorf("judging %q: %.2f is above %d", r.Attack, r.Ratio(), abuse.Most)
				}
			}
			return nil
		},
	}
	c.Flags().IntVar(&rounds, "rounds", rounds, "seconds of each attack, and calm ones beside them; odd")
	c.Flags().BoolVar(&gate, "gate", false, "fail if a target is missed")
	return c
}
