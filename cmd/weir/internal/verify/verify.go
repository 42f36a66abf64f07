// Package verify is "weir verify": it checks a module's signature.
package verify

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/cmd/weir/internal/exit"
	"github.com/weirproxy/weir/cmd/weir/internal/file"
	"github.com/weirproxy/weir/cmd/weir/internal/sign"
	"github.com/weirproxy/weir/core/wasm/signature"
)

// Command is the command.
func Command() *cobra.Command {
	var keys []string
	var detached string
	c := &cobra.Command{
		Use:   "verify --key FILE.pub FILE.wasm",
		Short: "Check a module's signature",
		Long: `Check that one of the keys has signed the whole of a module. The signature is
the one that --signature names; else the one in the module; else that of
FILE.wasm.sig. The exit code is 1 if it is not good, 2 if there is nothing to
check or to check by.`,
		Example: "  weir verify --key release.pub house.wasm",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(keys) == 0 {
				return exit.With(2, errors.New("--key is missing: it names a public key's file"))
			}
			known, err := read(keys)
			if err != nil {
				return exit.With(2, err)
			}
			code, err := file.Read(args[0], file.Module)
			if err != nil {
				return exit.With(2, fmt.Errorf("reading the module: %w", err))
			}
			by, where, err := verify(args[0], code, detached, known)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: signed by %s (id %s), %s\n", args[0], by.Name, by.Key.ID(), where)
			return nil
		},
	}
	c.Flags().StringArrayVar(&keys, "key", nil, "a public key's `file`; may be given again")
	c.Flags().StringVar(&detached, "signature", "", "a detached signature's `file`")
	return c
}

// read reads keys, which are called as their files.
func read(paths []string) (keys []signature.Named, err error) {
	for _, path := range paths {
		text, err := file.Read(path, file.Small)
		if err != nil {
			return nil, fmt.Errorf("reading the key: %w", err)
		}
		key, err := signature.ParsePublicKey(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		keys = append(keys, signature.Named{Name: path, Key: key})
	}
	return keys, nil
}

// verify checks a module, and says where the signature was.
func verify(module string, code []byte, detached string, keys []signature.Named) (by signature.Named, where string, err error) {
	where = "in the module"
	if detached == "" {
		by, err = signature.Verify(code, nil, keys)
		if !errors.Is(err, signature.ErrUnsigned) {
			return by, where, wrap(module, err)
		}
		detached = module + sign.Suffix
	}
	text, failed := file.Read(detached, file.Small)
	switch {
	case errors.Is(failed, fs.ErrNotExist) && err != nil:
		return by, "", exit.With(2, fmt.Errorf("%s: %w, and there is no %s", module, err, detached))
	case failed != nil:
		return by, "", exit.With(2, fmt.Errorf("reading the signature: %w", failed))
	}
	by, err = signature.Verify(code, text, keys)
	return by, "in " + detached, wrap(module, err)
}

func wrap(module string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", module, err)
}
