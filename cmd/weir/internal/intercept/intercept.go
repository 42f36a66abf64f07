// Package intercept is "weir intercept": it has the kernel redirect a machine's
// connections, or a network namespace's, to the sidecar, and undoes that.
//
//	plan.go      what is redirected, by a configuration
//	nftables.go  as a script of nft: one table
//	iptables.go  as input of iptables-restore: two chains, a jump to each
//	tools.go     running them
package intercept

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/core/config"
)

// Command is the command.
func Command() *cobra.Command {
	c := &cobra.Command{
		Use:   "intercept",
		Short: "Redirect a machine's connections to its sidecar",
		Long: `Have the kernel redirect the TCP connections of this machine, or of this network
namespace, to the sidecar: those that others open to it go to sidecar.inbound, those
that it opens to sidecar.outbound. Everything else stays as it is: UDP, what the
machine says to itself, what [sidecar.intercept.exclude] names, and the sidecar's own
connections. Set sidecar.intercept.mode = "redirect" first: the sidecar asks the kernel
where each connection was going.`,
		Example: "  weir intercept print -c proxy.toml --role sidecar\n  weir intercept on -c proxy.toml --role sidecar\n  weir intercept off",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(printCommand(), onCommand(), offCommand())
	return c
}

func printCommand() *cobra.Command {
	var file string
	var above config.Overrides
	c := &cobra.Command{
		Use:   "print",
		Short: "Show what \"on\" would set up; nothing is changed",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := planOf(file, above)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.OutOrStdout(), p.print())
			return err
		},
	}
	run.Flags(c, &file, &above)
	return c
}

func onCommand() *cobra.Command {
	var file string
	var above config.Overrides
	c := &cobra.Command{
		Use:   "on",
		Short: "Set it up; what was set up before is replaced",
		Long: `Set it up, in one step for nftables, in one step for each of IPv4 and IPv6 for iptables;
what was set up before is replaced. Start the sidecar first: what is redirected while
nobody listens is refused.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p, err := planOf(file, above)
			if err != nil {
				return err
			}
			return p.on()
		},
	}
	run.Flags(c, &file, &above)
	return c
}

func offCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "off",
		Short: "Remove what \"on\" has set up, and nothing else",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return off() },
	}
}

// planOf is what the configuration in a file asks for.
func planOf(file string, above config.Overrides) (*plan, error) {
	cfg, err := config.Load(file, above)
	if err != nil {
		return nil, err
	}
	switch {
	case !cfg.Role.Has(config.SideOutbound):
		return nil, fmt.Errorf("%s: the role is %s, which takes no redirected connections; add --role sidecar", file, cfg.Role)
	case !cfg.Sidecar.Intercept.On():
		return nil, fmt.Errorf("%s: sidecar.intercept.mode is \"off\": the sidecar would not ask where a redirected connection was going; set it to \"redirect\"", file)
	}
	return newPlan(cfg)
}
