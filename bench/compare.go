package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/internal/compare"
	"github.com/weirproxy/weir/bench/internal/system"
)

// quick is for a first look: too little to judge by.
var (
	full  = compare.Plan{Rounds: 9, Seconds: 4, Warm: 1}
	quick = compare.Plan{Rounds: 3, Seconds: 1, Warm: 1}
)

// The whole must be over by then.
const (
	fullLimit  = 12 * time.Minute
	quickLimit = 2 * time.Minute
)

type compareFlags struct {
	compare.Plan
	only     []string
	over     string
	json     string
	language string
	quick    bool
	gate     bool
}

func compareCommand() *cobra.Command {
	var f compareFlags
	c := &cobra.Command{
		Use:   "compare",
		Short: "Measure proxies side by side: CPU, rate, latency, memory",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			limit, base := fullLimit, full
			if f.quick {
				limit, base = quickLimit, quick
			}
			for flag, value := range map[string][2]*int{
				"rounds": {&f.Rounds, &base.Rounds}, "seconds": {&f.Seconds, &base.Seconds}, "warm": {&f.Warm, &base.Warm},
			} {
				if !c.Flags().Changed(flag) {
					*value[0] = *value[1]
				}
				if *value[0] < 1 {
					return fmt.Errorf("reading --%s: %d is too few; give 1 or more", flag, *value[0])
				}
			}
			ctx, cancel := context.WithTimeoutCause(c.Context(), limit,
				fmt.Errorf("the whole takes more than %s: give fewer --rounds or --seconds", limit))
			defer cancel()
			err := f.run(ctx)
			if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		},
	}
	flags := c.Flags()
	flags.IntVar(&f.Rounds, "rounds", full.Rounds, "times each system is measured")
	flags.IntVar(&f.Seconds, "seconds", full.Seconds, "length of each measurement, in seconds")
	flags.IntVar(&f.Warm, "warm", full.Warm, "load before each measurement, in seconds")
	flags.IntVar(&f.Connections, "connections", 64, "connections of the load generator")
	flags.IntVar(&f.Threads, "threads", 2, "threads of the load generator")
	flags.StringSliceVar(&f.only, "only", nil, "systems to measure, as in nginx,weir; what others need may be missing")
	flags.StringVar(&f.over, "over", "http1", "what is spoken: http1, http2 or tls by clients, mtls by pairs of proxies")
	flags.StringVar(&f.json, "json", "", "file for the results as JSON")
	flags.StringVar(&f.language, "filter", "c", "header filter of +1c and +5c: c or wat")
	flags.BoolVar(&f.quick, "quick", false, "a first look, in at most 2 minutes")
	flags.BoolVar(&f.gate, "gate", false, "fail if a target is missed")
	return c
}

func (f *compareFlags) run(ctx context.Context) error {
	systems, err := f.systems()
	if err != nil {
		return err
	}
	setup, done, err := newSetup(f.language)
	if err != nil {
		return err
	}
	defer done()
	res, err := compare.Run(ctx, setup, systems, f.Plan, os.Stderr)
	if err != nil {
		return err
	}
	if err := res.WriteTable(os.Stdout); err != nil {
		return err
	}
	if f.json != "" {
		if err := writeJSON(res, f.json); err != nil {
			return err
		}
	}
	if f.gate {
		for _, v := range res.Verdicts() {
			if !v.Met() {
				return fmt.Errorf("judging %s: %.2f is above %.2f", v.Name(), v.Ratio, v.Limit)
			}
		}
	}
	return nil
}

func (f *compareFlags) systems() ([]system.System, error) {
	if len(f.only) > 0 {
		return system.Named(f.only)
	}
	switch f.over {
	case "http1":
		return system.Plain(), nil
	case "http2":
		return system.Multiplexed(), nil
	case "tls":
		return system.Secured(system.P256), nil
	case "mtls":
		return system.Paired(), nil
	}
	return nil, fmt.Errorf("reading --over: %q is none of http1, http2, tls and mtls", f.over)
}

func writeJSON(res compare.Results, path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing the results: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return res.WriteJSON(f)
}
