// Package ca is "weir ca": a certificate authority for the members of a mesh.
//
//	ca.go      the tree of its commands
//	roots.go   init, rotate, bundle: the roots
//	member.go  issue, token: for one member
//	revoke.go  revoke, revoked: who is no member any more
//	serve.go   serve: members that ask
package ca

import (
	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/core/identity/authority"
)

// Command is the command.
func Command() *cobra.Command {
	c := &cobra.Command{
		Use:   "ca",
		Short: "Be the certificate authority of a mesh",
		Long: `Be the certificate authority of a mesh: members get SPIFFE identities (X509-SVID)
of one trust domain, and by its roots they believe each other. All that the
authority is lies in one folder, which only its user may read.`,
		Example: `  weir ca init --trust-domain example.org
  weir ca token --id spiffe://example.org/web
  weir ca serve`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(initCommand(), serveCommand(), tokenCommand(), issueCommand(), bundleCommand(), rotateCommand(), revokeCommand(), revokedCommand())
	return c
}

// inFolder gives a command the flag of the authority's folder.
func inFolder(c *cobra.Command) (open func() (*authority.Authority, error), folder *string) {
	folder = c.Flags().String("folder", "ca", "the authority's `folder`")
	return func() (*authority.Authority, error) { return authority.Open(*folder) }, folder
}
