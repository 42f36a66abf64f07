package hostile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirproxy/weir/core/abi/hostile/assemble"
)

// built is where the binaries of testdata are, for this run alone; missing
// why there are none.
var built, missing = "", error(nil)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "weir-hostile")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	built = dir
	if missing = assemble.Folder("testdata", dir); missing != nil && !errors.Is(missing, assemble.ErrNoTool) {
		fmt.Fprintln(os.Stderr, missing)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// binary is that of a text. In continuous integration wat2wasm may not be missing.
func binary(t *testing.T, name string) string {
	t.Helper()
	switch {
	case missing != nil && os.Getenv("CI_REQUIRED") != "":
		t.Fatal(missing)
	case missing != nil:
		t.Skip(missing)
	}
	return filepath.Join(built, name+".wasm")
}
