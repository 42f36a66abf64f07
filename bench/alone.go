package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/internal/alone"
	"github.com/weirproxy/weir/bench/internal/system"
)

func idleCommand() *cobra.Command {
	return aloneCommand("idle", "Measure the time to the first answer, and memory", alone.Idle)
}

func stallCommand() *cobra.Command {
	return aloneCommand("stall", "Measure what a filter that uses all its CPU does to others", alone.Stall)
}

func streamsCommand() *cobra.Command {
	return aloneCommand("streams", "Measure the memory of many streams on one HTTP/2 connection", alone.Streams)
}

func collectorCommand() *cobra.Command {
	return aloneCommand("collector", "Measure a filter in Go whose collector has much to do", alone.Collector)
}

func aloneCommand(name, short string,
	measure func(context.Context, *system.Setup) ([]alone.Figure, error),
) *cobra.Command {
	var gate bool
	c := &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(c.Context(), 3*time.Minute)
			defer cancel()
			setup, done, err := newSetup("c")
			if err != nil {
				return err
			}
			defer done()
			figures, err := measure(ctx, setup)
			if err != nil {
				return err
			}
			if err := alone.Write(os.Stdout, figures); err != nil {
				return err
			}
			for _, f := range figures {
				if gate && !f.Met() {
					return fmt.Errorf("judging %q: %.1f %s is above %.1f", f.Name, f.Value, f.Unit, f.Limit)
				}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&gate, "gate", false, "fail if a target is missed")
	return c
}
