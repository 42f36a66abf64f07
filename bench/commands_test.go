package main

import (
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestServingEndsWithItsContext runs what a benchmark starts as a process, told
// to end before it has begun.
func TestServingEndsWithItsContext(t *testing.T) {
	for _, c := range []struct {
		command *cobra.Command
		args    []string
	}{
		{originCommand(), nil},
		{loopCommand(), []string{"--upstream", "127.0.0.1:1"}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		c.command.SetArgs(c.args)
		if err := c.command.ExecuteContext(ctx); err != nil {
			t.Errorf("%s: %v", c.command.Name(), err)
		}
	}
}

func TestBadFlags(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--only", "apache"}, `"apache" is none`},
		{[]string{"--only", "nginx", "--rounds", "0"}, "--rounds: 0 is too few"},
		{[]string{"--only", "nginx", "--filter", "rust"}, `"rust" is none; there are c and wat`},
		{[]string{"nginx"}, "unknown command"},
	} {
		command := compareCommand()
		command.SilenceUsage, command.SilenceErrors = true, true
		command.SetArgs(c.args)
		if err := command.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.args, err, c.want)
		}
	}
}
