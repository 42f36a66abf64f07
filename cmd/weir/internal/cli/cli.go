// Package cli is weir's command line: the tree of its commands and what their
// errors look like. What a command does stands in the package of its name.
package cli

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/bench"
	"github.com/weirproxy/weir/cmd/weir/internal/ca"
	"github.com/weirproxy/weir/cmd/weir/internal/check"
	"github.com/weirproxy/weir/cmd/weir/internal/demo"
	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/cmd/weir/internal/explain"
	"github.com/weirproxy/weir/cmd/weir/internal/inspect"
	"github.com/weirproxy/weir/cmd/weir/internal/intercept"
	"github.com/weirproxy/weir/cmd/weir/internal/keygen"
	"github.com/weirproxy/weir/cmd/weir/internal/newfilter"
	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/cmd/weir/internal/sidecar"
	"github.com/weirproxy/weir/cmd/weir/internal/sign"
	"github.com/weirproxy/weir/cmd/weir/internal/test"
	"github.com/weirproxy/weir/cmd/weir/internal/verify"
)

// Main runs the command line and answers the process's exit code: 0 for
// success, 1 for a failure, 2 for a command line that cannot be understood or what
// a command chooses.
func Main(args []string, stdout, stderr io.Writer) int {
	understood := false
	root := &cobra.Command{
		Use:   "weir",
		Short: "An API gateway and mesh sidecar whose filters are WebAssembly",
		Long: `Weir stands at a network's edge as an API gateway, or beside a service as a
mesh sidecar. What it does to requests is written as sandboxed WebAssembly
filters; proxy.toml chooses the role, the filters and where requests go.

Exit codes: 0 for success, 1 for what failed or is wrong with a file, 2 for a command
line that cannot be understood; a command's own help names others.`,
		Example: `  weir demo                     try it: a service and a gateway before it
  weir check proxy.toml         say everything that is wrong with a file
  weir run -c proxy.toml        serve
  weir new --lang go house      write a new filter
  weir explain http://host/path say what becomes of a request, and why
  weir inspect house.wasm       say what a filter's module is and needs`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			err := errors.Join(c.ValidateRequiredFlags(), c.ValidateFlagGroups())
			understood = err == nil
			return err
		},
		Version: run.Describe(),
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(run.Command(), sidecar.Command(), check.Command(), demo.Command(), newfilter.Command(), test.Command(), bench.Command(), inspect.Command(), explain.Command(),
		keygen.Command(), sign.Command(), verify.Command(), ca.Command(), intercept.Command(), versionCommand())
	root.SetHelpCommand(helpCommand())
	c, err := root.ExecuteC()
	switch {
	case err == nil:
		return 0
	case !understood:
		fmt.Fprintf(stderr, "weir: %s\n", misunderstood(c, err))
		return 2
	}
	code, reason := exit.Of(err)
	if reason != nil {
		fmt.Fprintf(stderr, "weir: %v\n", reason)
	}
	return code
}

// argumentCount is what cobra says of too few or too many arguments.
var argumentCount = regexp.MustCompile(`^(accepts|requires) .*arg\(s\)`)

// misunderstood says what is wrong with a command line, and where to read on.
func misunderstood(c *cobra.Command, err error) string {
	if argumentCount.MatchString(err.Error()) {
		err = fmt.Errorf("too few or too many arguments: it is %q", c.UseLine())
	}
	return fmt.Sprintf("%v\nRun \"%s --help\" for how it is used.", err, c.CommandPath())
}

func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]...",
		Short: "Say how a command is used",
		RunE: func(c *cobra.Command, names []string) error {
			of, rest, err := c.Root().Find(names)
			if err != nil || len(rest) > 0 {
				return exit.With(2, fmt.Errorf("there is no command %q; \"weir --help\" lists them", strings.Join(names, " ")))
			}
			of.InitDefaultHelpFlag()
			return of.Help()
		},
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is and what it is built of",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), run.Describe())
			return err
		},
	}
}
