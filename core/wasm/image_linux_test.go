package wasm_test

import (
	"os"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/wasm"
)

// TestCodeIsMapped: what comes out of the cache runs from its file, and goes on where
// the file is removed.
func TestCodeIsMapped(t *testing.T) {
	dir := privateDir(t)
	e, err := wasm.New(wasm.Options{CacheDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	vm := newVM(t, wasm.VMConfig{Module: load(t, e, wasm.Source{Name: "guest", Code: guest()})})
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	mapped := false
	for line := range strings.Lines(string(maps)) {
		mapped = mapped || strings.Contains(line, "r-xp") && strings.Contains(line, dir) && strings.HasSuffix(line, "/image\n")
	}
	if !mapped {
		t.Errorf("no code of %s is mapped:\n%s", dir, maps)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := run(t, vm, "add", 2, 3); err != nil || got != 5 {
		t.Errorf("2+3 = %d, %v", got, err)
	}
}
