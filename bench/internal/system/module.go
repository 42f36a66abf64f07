package system

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// guest is a filter that is compiled for a run.
type guest string

const (
	headers guest = "headers" // of wasm-examples, which Envoy and Weir both run
	burn    guest = "burn"    // uses CPU as a request asks
	collect guest = "collect" // keeps many objects and makes more
)

// guests is where those of the benchmark are.
const guests = "bench/internal/system/guests"

// source is a guest's, and the compiler that it needs.
func (s *Setup) source(g guest) (file, compiler string) {
	switch {
	case g == burn:
		return filepath.Join(s.Root, guests, "burn.c"), clang
	case g == collect:
		return filepath.Join(s.Root, guests, "collector"), golang
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
		switch compiler {
		case clang:
			args = append(strings.Fields("--target=wasm32 -O2 -nostdlib -Wl,--no-entry -fuse-ld=lld"), args...)
		case golang:
			args = []string{"build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", s.module(sys.guest), "."}
		}
		cmd := exec.CommandContext(ctx, s.tools[compiler], args...)
		if compiler == golang {
			cmd.Dir = file
			cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("compiling %s: %w: %s", file, err, out)
		}
	}
	return nil
}

// module is where a guest is compiled to.
func (s *Setup) module(g guest) string { return filepath.Join(s.Dir, string(g)+".wasm") }
