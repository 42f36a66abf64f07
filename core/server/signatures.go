package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/wasm/signature"
)

// maxSignature bounds the files of keys and signatures, in bytes.
const maxSignature = 1 << 20

// readKeys reads the keys that modules are signed by.
func (b *builder) readKeys() {
	for i, k := range b.cfg.Wasm.Keys {
		at := fmt.Sprintf("wasm.keys[%d].", i)
		text, from := []byte(k.Key), "key"
		if k.File != "" {
			from = "file"
			var err error
			if text, err = readSmall(k.File); err != nil {
				b.problem(at+from, "reading the public key %q: %v", k.Name, err)
				continue
			}
		}
		key, err := signature.ParsePublicKey(text)
		if err != nil {
			b.problem(at+from, "%v", err)
			continue
		}
		b.filters.keys = append(b.filters.keys, signature.Named{Name: k.Name, Key: key})
	}
}

// checkSigned refuses a module, given as the bytes that will be loaded, that is
// not signed as the configuration asks.
func (f *filters) checkSigned(t *config.Filter, code []byte) error {
	if !f.cfg.Wasm.Signed(t) {
		return nil
	}
	var detached []byte
	if t.Signature != "" {
		var err error
		if detached, err = readSmall(t.Signature); err != nil {
			return fmt.Errorf("checking module %q: reading its signature: %w; \"weir sign\" makes it", t.Module, err)
		}
	}
	keys, wanted := f.keys, "wasm.keys"
	if len(t.SignedBy) > 0 {
		keys = slices.DeleteFunc(slices.Clone(keys), func(k signature.Named) bool { return !slices.Contains(t.SignedBy, k.Name) })
		wanted = "signed_by"
	}
	if len(keys) == 0 {
		return fmt.Errorf("checking module %q: none of the keys that may have signed it can be read", t.Module)
	}
	_, err := signature.Verify(code, detached, keys)
	switch {
	case errors.Is(err, signature.ErrUnsigned):
		return fmt.Errorf("checking module %q: %w, and must be signed by one of %s: sign it with \"weir sign --embed\", or name the file of its signature in signature",
			t.Module, err, listKeys(keys))
	case err != nil:
		return fmt.Errorf("checking module %q: %w; sign it with \"weir sign\" as it is now, or change %s if you trust who has signed it", t.Module, err, wanted)
	}
	return nil
}

func listKeys(keys []signature.Named) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = fmt.Sprintf("%q (id %s)", k.Name, k.Key.ID())
	}
	return strings.Join(names, ", ")
}

// readSmall reads a file of a key or a signature.
func readSmall(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxSignature+1))
	if err == nil && len(b) > maxSignature {
		err = fmt.Errorf("%q has more than %d bytes", path, maxSignature)
	}
	return b, err
}
