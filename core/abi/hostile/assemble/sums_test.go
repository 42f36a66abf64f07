package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBinariesAreInStep needs no wat2wasm: "go generate" left the sums.
func TestBinariesAreInStep(t *testing.T) {
	if err := fresh("../testdata"); err != nil {
		t.Errorf("%v: run \"go generate ./core/abi/hostile\"", err)
	}
	binaries, err := filepath.Glob("../testdata/*.wasm")
	if err != nil || len(binaries) == 0 {
		t.Fatalf("%d binaries: %v", len(binaries), err)
	}
	for _, b := range binaries {
		if _, err := os.Stat(strings.TrimSuffix(b, ".wasm") + ".wat"); err != nil {
			t.Errorf("%s is made of nothing: %v", b, err)
		}
	}
}

// TestGoAlone generates where there is no wat2wasm: nothing to do is well, and
// what would have to be done fails and says what is missing.
func TestGoAlone(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.wat", "(module)")
	write("a.wasm", "\x00asm\x01\x00\x00\x00")
	s, err := sums(dir)
	if err != nil {
		t.Fatal(err)
	}
	write(sumsName, s)
	if err := assemble(dir); err != nil {
		t.Errorf("nothing has changed: %v", err)
	}
	write("a.wat", "(module (memory 1))")
	if err := assemble(dir); err == nil || !strings.Contains(err.Error(), "a.wat") || !strings.Contains(err.Error(), "make deps") {
		t.Errorf("the text has changed: %v", err)
	}
}
