package system

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// The executables that systems and guests need.
const (
	nginx    = "nginx"
	haproxy  = "haproxy"
	envoy    = "envoy"
	weir     = "weir"
	wrk      = "wrk"
	h2load   = "h2load"
	clang    = "clang-19"
	wat2wasm = "wat2wasm"
	golang   = "go"
)

// places are where executables lie that PATH often leaves out.
var places = []string{"/usr/sbin", "/usr/local/sbin", "/sbin"}

// find gives the path of an executable: of the checkout's own, or of one that
// is installed.
func find(root, name string) (string, error) {
	own := map[string]string{weir: "bin/weir", envoy: ".deps/bin/envoy"}
	if rel, ok := own[name]; ok {
		path := filepath.Join(root, rel)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
		if name == weir {
			return "", fmt.Errorf("looking for %s: not there; run \"make build\"", rel)
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, dir := range places {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("looking for %q: not installed; run \"make deps\"", name)
}

// Lacks says what a system needs that is not installed, nil if it can be run.
func (s *Setup) Lacks(sys System) error {
	if s.tools == nil {
		s.tools = map[string]string{}
	}
	return s.locate([]System{sys})
}

// Ready makes what a system needs beside its executable.
func (s *Setup) Ready(ctx context.Context, sys System) error {
	if err := s.build(ctx, []System{sys}); err != nil {
		return err
	}
	return s.certify([]System{sys})
}

// locate finds all that the systems need, and names all that is missing.
func (s *Setup) locate(systems []System) error {
	var needs []string
	for _, sys := range systems {
		switch {
		case s.OwnLoad:
		case sys.Streams > 0:
			needs = append(needs, h2load)
		default:
			needs = append(needs, wrk)
		}
		if sys.binary != "" {
			needs = append(needs, sys.binary)
		}
		if sys.guest != "" {
			_, compiler := s.source(sys.guest)
			needs = append(needs, compiler)
		}
	}
	slices.Sort(needs)
	var missing []error
	for _, name := range slices.Compact(needs) {
		if name == weir && s.Weir != "" {
			s.tools[name] = s.Weir
			continue
		}
		path, err := find(s.Root, name)
		missing = append(missing, err)
		s.tools[name] = path
	}
	return errors.Join(missing...)
}
