package ca

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"
)

func revokeCommand() *cobra.Command {
	var id, reason string
	c := &cobra.Command{
		Use:   "revoke",
		Short: "Renew no identity of a member any more",
		Long: `Renew no identity any more that was issued to an ID until now, and forget its join
tokens: for a member whose key was stolen, or that is gone. A server that runs takes
it up at once. What was issued is trusted until it ends, since members ask nobody
about each other: that is svid-life at most, but for what "weir ca issue" gave a
longer life. Deny the ID where it is authorized to cut that short. A join token that
is made afterwards lets the member back.`,
		Example: "  weir ca revoke --id spiffe://example.org/web --reason \"key was in a backup\"",
		Args:    cobra.NoArgs,
	}
	open, _ := inFolder(c)
	c.Flags().StringVar(&id, "id", "", "the `SPIFFE ID` of the member")
	c.Flags().StringVar(&reason, "reason", "", "why, for the `record`")
	_ = c.MarkFlagRequired("id")
	c.RunE = func(c *cobra.Command, _ []string) error {
		a, err := open()
		if err != nil {
			return err
		}
		tokens, err := a.Revoke(id, reason, time.Now())
		if err != nil {
			return err
		}
		fmt.Fprintf(c.OutOrStdout(), "%s: revoked; join tokens forgotten: %d\n", id, tokens)
		return nil
	}
	return c
}

func revokedCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "revoked",
		Short: "List who was revoked, when and why",
		Long: `List who was revoked, the latest first. A record goes when nothing can be in use any
more that was issued before it.`,
		Example: "  weir ca revoked",
		Args:    cobra.NoArgs,
	}
	open, _ := inFolder(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		a, err := open()
		if err != nil {
			return err
		}
		all, err := a.Revoked()
		for _, v := range all {
			fmt.Fprintf(c.OutOrStdout(), "%s %s %q\n", v.At.Format(time.RFC3339), v.ID, v.Reason)
		}
		return err
	}
	return c
}
