// Package check is "weir check": it says everything that is wrong with a
// configuration.
package check

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/bundled"
	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
)

// Command is the command.
func Command() *cobra.Command {
	var above config.Overrides
	var quick, offline bool
	c := &cobra.Command{
		Use:   "check FILE...",
		Short: "Say everything that is wrong with a configuration",
		Long: `Read each file as "weir run" would, load and configure its filters, and say
everything that is wrong, a line each, and what became of each module from
https:// and oci://. They are fetched, and kept for "weir run". No port is
opened. A line with "note:" is about what is taken but cannot well be meant, such as
filters in an order in which one of them never finds what it looks for.
The exit code is 1 if something is wrong, which a note is not.`,
		Example: "  weir check proxy.toml\n  weir check --role sidecar --quick proxy.toml",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			bad := 0
			for _, file := range files {
				o := server.Options{
					File: file, Overrides: above, Builtins: bundled.Filters{},
					Offline: offline, Told: func(line string) { fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", file, line) },
					Noted: func(p config.Problem) {
						p.Key = "note: " + p.Key
						fmt.Fprintln(c.OutOrStdout(), p)
					},
				}
				err := verify(c.Context(), o, quick)
				if err != nil {
					bad++
					fmt.Fprintln(c.OutOrStdout(), err)
					continue
				}
				fmt.Fprintf(c.OutOrStdout(), "%s: good\n", file)
			}
			if bad > 0 {
				return fmt.Errorf("%d of %d files cannot be used", bad, len(files))
			}
			return nil
		},
	}
	run.Above(c, &above)
	c.Flags().BoolVar(&offline, "offline", false, "fetch nothing: filters whose modules are not kept here are not looked at")
	c.Flags().BoolVar(&quick, "quick", false, "read the file alone: load no filters")
	return c
}

func verify(ctx context.Context, o server.Options, quick bool) error {
	if quick {
		_, err := config.Load(o.File, o.Overrides)
		return err
	}
	return server.Check(ctx, o)
}
