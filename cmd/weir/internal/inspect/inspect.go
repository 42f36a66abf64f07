// Package inspect is "weir inspect": what a module is, what it needs, and
// whether it would be admitted.
package inspect

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/cmd/weir/internal/file"
	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/core/config"
)

// Command is the command.
func Command() *cobra.Command {
	var under string
	var above config.Overrides
	var asJSON bool
	c := &cobra.Command{
		Use:   "inspect FILE.wasm",
		Short: "Say what a module is, what it needs, and whether it would be admitted",
		Long: `Read a module as the proxy would, without running it: its ABI and language, what
it imports and what each of that needs, the phases it takes part in, its bounds,
and whether it would be admitted, or every reason why not.

With -c it is judged by that configuration: each filter of this module is loaded
and configured as "weir run" would. Without, by the defaults.

The exit code is 1 if the module is refused.`,
		Example: "  weir inspect house.wasm\n  weir inspect -c proxy.toml --json house.wasm",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			code, err := file.Read(args[0], file.Module)
			if err != nil {
				return exit.With(2, fmt.Errorf("reading the module: %w", err))
			}
			r, err := judge(c.Context(), args[0], code, under, above)
			if err != nil {
				return exit.With(2, err)
			}
			if asJSON {
				err = r.json(c.OutOrStdout())
			} else {
				err = r.text(c.OutOrStdout(), under)
			}
			if err == nil && !r.Admitted {
				err = fmt.Errorf("%s is refused", args[0])
			}
			return err
		},
	}
	c.Flags().StringVarP(&under, "config", "c", "", "the `file` of the configuration that judges")
	run.RoleFlag(c, &above.Role)
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

func (r *report) json(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
