package system

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// guest is a filter that is compiled for a run.
type guest string

const (
	headers guest = "headers" // of wasm-examples, which Envoy and Weir both run
	burn    guest = "burn"    // uses CPU as a request asks
)

// source is a guest's, and the compiler that it needs.
func (s *Setup) source(g guest) (file, compiler string) {
	switch {
	case g == burn:
		return filepath.Join(s.Root, "bench", "internal", "system", "guests", "burn.c"), clang
	case s.Language == "wat":
		return filepath.Join(s.Root, "wasm-examples", "wat", "headers", "headers.wat"), wat2wasm
	default:
		return filepath.Join(s.Root, "wasm-examples", "c", "headers", "headers.c"), clang
	}
}

// build compiles what the systems need. It is done each time: it takes a
// fraction of a second, and what is measured is then what stands in the tree.
func (s *Setup) build(ctx context.Context, systems []System) error {
	for _, sys := range systems {
		if sys.guest == "" {
			continue
		}
		file, compiler := s.source(sys.guest)
		args := []string{file, "-o", s.module(sys.guest)}
		if compiler == clang {
			args = append(strings.Fields("--target=wasm32 -O2 -nostdlib -Wl,--no-entry -fuse-ld=lld"), args...)
		}
		if out, err := exec.CommandContext(ctx, s.tools[compiler], args...).CombinedOutput(); err != nil {
			return fmt.Errorf("compiling %s: %w: %s", file, err, out)
		}
	}
	return nil
}

// module is where a guest is compiled to.
func (s *Setup) module(g guest) string { return filepath.Join(s.Dir, string(g)+".wasm") }
