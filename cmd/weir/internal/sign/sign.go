// Package sign is "weir sign": it signs a module.
package sign

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/cmd/weir/internal/file"
	"github.com/weirproxy/weir/core/wasm/signature"
)

// Suffix is what a detached signature's file has behind its module's name.
const Suffix = ".sig"

// Command is the command.
func Command() *cobra.Command {
	var key, out string
	var embed bool
	c := &cobra.Command{
		Use:   "sign --key FILE.key FILE.wasm",
		Short: "Sign a module",
		Long: `Sign a module with an Ed25519 key, a PEM file as "weir keygen" makes it. The
signature is written beside the module, to FILE.wasm.sig, or with --embed into
it, as its first section. Signatures that others have made of the same content
are kept. The format is that of WebAssembly's tool conventions, which wasmsign2
reads and writes too.`,
		Example: "  weir sign --key release.key house.wasm\n  weir sign --key release.key --embed house.wasm",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if key == "" {
				return exit.With(2, errors.New("--key is missing: it names the private key's file"))
			}
			text, err := file.Read(key, file.Small)
			if err != nil {
				return exit.With(2, fmt.Errorf("reading the key: %w", err))
			}
			private, err := signature.ParsePrivateKey(text)
			if err != nil {
				return exit.With(2, fmt.Errorf("%s: %w", key, err))
			}
			code, err := file.Read(args[0], file.Module)
			if err != nil {
				return exit.With(2, fmt.Errorf("reading the module: %w", err))
			}
			if out == "" {
				out = args[0]
				if !embed {
					out += Suffix
				}
			}
			made, err := produce(code, private, embed, out)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			if err := file.Replace(out, made); err != nil {
				return fmt.Errorf("writing the signature: %w", err)
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: signed by key id %s\n", out, private.Public().ID())
			return nil
		},
	}
	c.Flags().StringVar(&key, "key", "", "the private key's `file`")
	c.Flags().BoolVar(&embed, "embed", false, "put the signature into the module")
	c.Flags().StringVarP(&out, "output", "o", "", "write to this `file`")
	return c
}

// produce makes what is to be written: a module, or a signature that keeps those of
// others in the file it will replace.
func produce(code []byte, key signature.PrivateKey, embed bool, out string) ([]byte, error) {
	if embed {
		return signature.Embed(code, key)
	}
	before, err := file.Read(out, file.Small)
	if errors.Is(err, fs.ErrNotExist) {
		before = nil
	} else if err != nil {
		return nil, fmt.Errorf("reading the signatures that are there: %w", err)
	}
	s, err := signature.Sign(code, key, before)
	if err != nil && before != nil {
		return nil, fmt.Errorf("%w; the file %s that is there is in the way", err, out)
	}
	return s, err
}
