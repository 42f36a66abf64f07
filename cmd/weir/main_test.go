package main_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	_ "github.com/weirproxy/weir/cmd/weir/internal/cli" // so that a change of the program runs the tests again
	_ "github.com/weirproxy/weir/filters/builtin/all"   // and one of the filters
	"github.com/weirproxy/weir/filters/filtertest/realhost"
)

var update = flag.Bool("update", false, "write the goldens anew")

// built is where the programs are that the tests run.
var built struct {
	dir   string
	weir  string // with the built-in filters, and the race detector if the tests have it
	cache string // of compiled modules, shared by all tests' processes
}

// TestMain builds the program once. The module of the built-in filters is laid
// over the tree rather than written into it: so it is this checkout's, whether
// or not somebody has run go generate.
func TestMain(m *testing.M) {
	flag.Parse()
	code, err := buildAndRun(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func buildAndRun(m *testing.M) (code int, err error) {
	if built.dir, err = os.MkdirTemp("", "weir-test"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(built.dir)
	user, err := os.UserCacheDir()
	if err != nil {
		return 0, err
	}
	built.cache = filepath.Join(user, "weir-test")
	module, err := realhost.Build("../..")
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(built.dir, "builtin.wasm"), module, 0o600); err != nil {
		return 0, err
	}
	var flags []string
	if race {
		flags = append(flags, "-race")
	}
	if built.weir, err = build("weir", filepath.Join(built.dir, "builtin.wasm"), flags...); err != nil {
		return 0, err
	}
	// The built-in filters are compiled to machine code before a test waits for that.
	warm := exec.Command(built.weir, "check", "testdata/check/good.toml")
	warm.Env = append(os.Environ(), "XDG_CACHE_HOME="+built.cache)
	if text, err := warm.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("compiling the built-in filters: %w\n%s", err, text)
	}
	return m.Run(), nil
}

// build makes a program with a module of built-in filters, "" for none.
func build(name, module string, flags ...string) (program string, err error) {
	place, err := filepath.Abs("../../filters/builtin/builtin.wasm")
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {place: module}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(built.dir, name+".json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", err
	}
	program = filepath.Join(built.dir, name)
	c := exec.Command("go", append([]string{"build", "-overlay", list, "-o", program}, append(flags, ".")...)...)
	if text, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", name, err, text)
	}
	return program, nil
}

// golden compares with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant:\n%s", file, got, want)
	}
}
