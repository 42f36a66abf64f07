// Package assemble makes Wasm binaries of a folder's texts, for tests.
package assemble

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrNoTool says that there is no wat2wasm (Debian's package wabt) here.
var ErrNoTool = errors.New(`there is no wat2wasm here: run "make deps", or install wabt`)

// Folder assembles each .wat of a folder into another.
func Folder(from, to string) error {
	if _, err := exec.LookPath("wat2wasm"); err != nil {
		return ErrNoTool
	}
	texts, err := filepath.Glob(filepath.Join(from, "*.wat"))
	if err != nil || len(texts) == 0 {
		return fmt.Errorf("no texts in %s: %w", from, err)
	}
	for _, text := range texts {
		name := strings.TrimSuffix(filepath.Base(text), ".wat") + ".wasm"
		if err := binary(text, filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}

// flagsOf begins the line of a text that says how it is to be assembled.
const flagsOf = ";; Assembled with "

// binary assembles one text.
func binary(path, to string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	args := []string{path, "-o", to}
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
