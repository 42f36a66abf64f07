// Package keygen is "weir keygen": it makes a pair of keys to sign modules.
package keygen

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/core/wasm/signature"
)

// Command is the command.
func Command() *cobra.Command {
	return &cobra.Command{
		Use:   "keygen NAME",
		Short: "Make a pair of keys to sign modules",
		Long: `Make an Ed25519 key: NAME.key is the private half, for "weir sign", which only
you may read; NAME.pub is the public one, for "weir verify" and wasm.keys of
proxy.toml. Both are PEM files (PKCS#8 and SubjectPublicKeyInfo), as openssl has
them too. No file is overwritten.`,
		Example: "  weir keygen release",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			key, err := signature.NewKey()
			if err != nil {
				return err
			}
			private, err := key.PEM()
			if err != nil {
				return err
			}
			public, err := key.Public().PEM()
			if err != nil {
				return err
			}
			secret, open := args[0]+".key", args[0]+".pub"
			if err := create(secret, private, 0o600); err != nil {
				return err
			}
			if err := create(open, public, 0o644); err != nil {
				_ = os.Remove(secret) // one without the other is of no use
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s signs, keep it secret; %s verifies (id %s)\n", secret, open, key.Public().ID())
			return nil
		},
	}
}

// create makes a file that must not be there.
func create(path string, content []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("writing a key: %w", err)
	}
	_, err = f.Write(content)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		_ = os.Remove(path)
		return fmt.Errorf("writing a key: %w", err)
	}
	return nil
}
