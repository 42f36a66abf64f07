package ca

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/core/private"
)

func tokenCommand() *cobra.Command {
	var id string
	var life time.Duration
	c := &cobra.Command{
		Use:   "token",
		Short: "Make a join token, by which one member gets its first identity",
		Long: `Make a join token: with it one member gets the identity of that ID, once, within
its life. It is printed, and nowhere else to be had.`,
		Example: "  weir ca token --id spiffe://example.org/web > web.token",
		Args:    cobra.NoArgs,
	}
	open, _ := inFolder(c)
	c.Flags().StringVar(&id, "id", "", "the `SPIFFE ID` of the member")
	c.Flags().DurationVar(&life, "life", 10*time.Minute, "how long it can be used")
	_ = c.MarkFlagRequired("id")
	c.RunE = func(c *cobra.Command, _ []string) error {
		a, err := open()
		if err != nil {
			return err
		}
		token, err := a.Token(id, life, time.Now())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(c.OutOrStdout(), token)
		return err
	}
	return c
}

func issueCommand() *cobra.Command {
	var id, out string
	var life time.Duration
	c := &cobra.Command{
		Use:   "issue",
		Short: "Issue an identity to files",
		Long: `Issue an identity, with a key of its own, to three PEM files in a folder that only
its user may read: svid.pem, svid.key and bundle.pem, for [identity] of
proxy.toml. Files that are there are replaced, and taken up by a process that
uses them.`,
		Example: "  weir ca issue --id spiffe://example.org/web --out web",
		Args:    cobra.NoArgs,
	}
	open, _ := inFolder(c)
	c.Flags().StringVar(&id, "id", "", "the `SPIFFE ID` of the member")
	c.Flags().StringVar(&out, "out", "", "the `folder` of the files")
	c.Flags().DurationVar(&life, "life", 0, "how long it lives; 0 is the authority's svid-life")
	_ = c.MarkFlagRequired("id")
	_ = c.MarkFlagRequired("out")
	c.RunE = func(c *cobra.Command, _ []string) error {
		a, err := open()
		if err != nil {
			return err
		}
		got, err := a.Issue(id, life, time.Now())
		if err != nil {
			return err
		}
		if out, err = private.Folder(out, "a private key is kept there"); err != nil {
			return err
		}
		for _, f := range []struct {
			name    string
			content []byte
		}{{"bundle.pem", got.Bundle}, {"svid.key", got.Key}, {"svid.pem", got.Chain}} {
			if err := private.Write(filepath.Join(out, f.name), f.content); err != nil {
				return fmt.Errorf("writing the identity: %w", err)
			}
		}
		fmt.Fprintf(c.OutOrStdout(), "%s: svid.pem, svid.key, bundle.pem\n", out)
		return nil
	}
	return c
}
