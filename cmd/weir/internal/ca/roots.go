package ca

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/core/identity/authority"
)

func initCommand() *cobra.Command {
	var o authority.Options
	c := &cobra.Command{
		Use:   "init",
		Short: "Make an authority in a folder",
		Long: `Make the root of a trust domain, in a folder that has none. What is printed is
the root's pin, by which a member believes the authority before it has a bundle:
identity.authority.pin of proxy.toml.`,
		Example: "  weir ca init --trust-domain example.org --folder ca",
		Args:    cobra.NoArgs,
	}
	_, folder := inFolder(c)
	c.Flags().StringVar(&o.TrustDomain, "trust-domain", "", "the `name` of the trust domain, such as example.org")
	c.Flags().DurationVar(&o.Life, "life", 10*365*24*time.Hour, "how long a root lives")
	c.Flags().DurationVar(&o.SVIDLife, "svid-life", time.Hour, "how long the identity of a member lives that asks for it")
	_ = c.MarkFlagRequired("trust-domain")
	c.RunE = func(c *cobra.Command, _ []string) error {
		a, err := authority.Create(*folder, o, time.Now())
		if err != nil {
			return err
		}
		return printPins(c, a)
	}
	return c
}

func printPins(c *cobra.Command, a *authority.Authority) error {
	pins, err := a.Pins()
	for i, pin := range pins {
		what := "signs"
		if i > 0 {
			what = "is trusted"
		}
		fmt.Fprintf(c.OutOrStdout(), "pin %s %s\n", pin, what)
	}
	return err
}

func bundleCommand() *cobra.Command {
	c := &cobra.Command{
		Use:     "bundle",
		Short:   "Write the roots to trust by, PEM",
		Example: "  weir ca bundle > bundle.pem",
		Args:    cobra.NoArgs,
	}
	open, _ := inFolder(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		a, err := open()
		if err != nil {
			return err
		}
		b, err := a.Bundle()
		if err != nil {
			return err
		}
		_, err = c.OutOrStdout().Write(b)
		return err
	}
	return c
}

func rotateCommand() *cobra.Command {
	var atOnce bool
	c := &cobra.Command{
		Use:   "rotate begin|switch|end",
		Short: "Go from one root to the next, step by step",
		Long: `Go from one root to the next: "begin" makes a new one, which members learn of as
they renew their identities; "switch" lets it sign; "end" forgets the old one.
Between two steps passes the life of an identity. A step that comes earlier is
refused: members would not believe each other. A server that runs takes each
step up at once. Members join by a pin, and go by the roots that they have got from
then on: whoever joins later needs the new root's.`,
		Example:   "  weir ca rotate begin",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{string(authority.Begin), string(authority.Switch), string(authority.End)},
	}
	open, _ := inFolder(c)
	c.Flags().BoolVar(&atOnce, "at-once", false, "do not wait for members: for a root whose key was stolen")
	c.RunE = func(c *cobra.Command, args []string) error {
		a, err := open()
		if err != nil {
			return err
		}
		if err := a.Rotate(authority.Step(args[0]), atOnce, time.Now()); err != nil {
			return err
		}
		return printPins(c, a)
	}
	return c
}
