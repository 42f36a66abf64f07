package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/weirproxy/weir/bench/internal/system"
)

// newSetup makes the folder of a run. The function it gives ends what was
// started and removes the folder.
func newSetup(language string) (*system.Setup, func(), error) {
	if language != "c" && language != "wat" {
		return nil, nil, fmt.Errorf("choosing the header filter: %q is none; there are c and wat", language)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, fmt.Errorf("finding the benchmark's own executable: %w", err)
	}
	root, err := checkout()
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return nil, nil, fmt.Errorf("making the run's folder: %w", err)
	}
	s := &system.Setup{Root: root, Dir: dir, Self: self, Language: language}
	return s, func() {
		s.Close()
		_ = os.RemoveAll(dir)
	}, nil
}

// checkout is the nearest folder, from the working one upwards, that holds a
// Go module.
func checkout() (string, error) {
	wd, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the checkout: %w", err)
	}
	for dir := wd; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("finding the checkout: no go.mod in %q or above", wd)
		}
	}
}
