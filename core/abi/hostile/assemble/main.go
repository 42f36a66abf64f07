// Command assemble makes a Wasm binary of each .wat in a folder, beside it, and
// writes down the hashes of both. It needs wat2wasm (Debian's package wabt)
// unless the hashes say that nothing has changed: a machine with Go alone can
// generate as well.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: assemble FOLDER")
		os.Exit(2)
	}
	if err := assemble(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "assemble:", err)
		os.Exit(1)
	}
}

// assemble makes the folder's binaries and their sums.
func assemble(dir string) error {
	if _, err := exec.LookPath("wat2wasm"); errors.Is(err, exec.ErrNotFound) {
		if err := fresh(dir); err != nil {
			return fmt.Errorf("%w, and there is no wat2wasm here: run \"make deps\", or install wabt", err)
		}
		return nil
	}
	texts, err := filepath.Glob(filepath.Join(dir, "*.wat"))
	if err != nil {
		return err
	}
	for _, text := range texts {
		if err := binary(text); err != nil {
			return err
		}
	}
	s, err := sums(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, sumsName), []byte(s), 0o644)
}

// flagsOf begins the line of a text that says how it is to be assembled.
const flagsOf = ";; Assembled with "

// binary assembles one text.
func binary(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	args := []string{path, "-o", wasmOf(path)}
	for line := range strings.Lines(string(text)) {
		if flags, ok := strings.CutPrefix(strings.TrimSpace(line), flagsOf); ok {
			args = append(args, strings.Fields(strings.TrimSuffix(flags, "."))...)
		}
	}
	if out, err := exec.Command("wat2wasm", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("assembling %s: %w\n%s", path, err, out)
	}
	return nil
}

func wasmOf(text string) string { return strings.TrimSuffix(text, ".wat") + ".wasm" }
