package meter

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirproxy/weir/core/abi/hostile/assemble"
)

// realModules are binaries that compilers and people made: the hostile filters,
// this package's own, and the built-in filters where they are built.
func realModules(t testing.TB) (all [][]byte) {
	t.Helper()
	dir := t.TempDir()
	if err := assemble.Folder("../../abi/hostile/testdata", dir); err != nil && !errors.Is(err, assemble.ErrNoTool) {
		t.Fatal(err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	paths = append(paths, "../../../filters/builtin/builtin.wasm")
	for _, path := range paths {
		if code, err := os.ReadFile(path); err == nil {
			all = append(all, code)
		}
	}
	return append(all, kernels(), bulkModule())
}

// part is a section.
type part struct {
	id   byte
	body []byte
}

// parts cuts a module into its sections.
func parts(code []byte) (all []part) {
	r := &reader{b: code, i: 8}
	for r.left() > 0 && r.err == nil {
		id := r.u8()
		all = append(all, part{id, bytes.Clone(r.bytes(r.u32()))})
	}
	return all
}

// damage changes a module's sections as a script says, and keeps their sizes
// true: what a decoder looks at first is well.
func damage(code []byte, other []byte, script []byte) []byte {
	all, others := parts(code), parts(other)
	next := func() int {
		if len(script) == 0 {
			return 0
		}
		v := int(script[0])
		script = script[1:]
		return v
	}
	for len(script) > 0 && len(all) > 0 {
		op, k := next(), next()%len(all)
		p := &all[k]
		n := len(p.body)
		at := 0
		if n > 0 {
			at = (next()<<16 | next()<<8 | next()) % n
		}
		switch op % 8 {
		case 0, 1: // another byte
			if n > 0 {
				p.body[at] = byte(next())
			}
		case 2: // a bit
			if n > 0 {
				p.body[at] ^= 1 << (next() % 8)
			}
		case 3: // cut
			p.body = p.body[:at]
		case 4: // a piece of it once more
			end := min(n, at+next()%64)
			p.body = bytes.Join([][]byte{p.body[:end], p.body[at:]}, nil)
		case 5: // left out
			p.body = append(p.body[:at], p.body[min(n, at+1+next()%16):]...)
		case 6: // two sections change places
			j := next() % len(all)
			all[k], all[j] = all[j], all[k]
		case 7: // the section of another module
			for _, o := range others {
				if o.id == p.id {
					p.body = bytes.Clone(o.body)
				}
			}
		}
	}
	out := []byte("\x00asm\x01\x00\x00\x00")
	for _, p := range all {
		out = appendSection(out, p.id, p.body)
	}
	return out
}
