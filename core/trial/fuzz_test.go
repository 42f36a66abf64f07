package trial_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/trial"
)

// FuzzParse reads any text as a file of cases: what is wrong has a place in it.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.toml", "testdata/bad/*.toml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds: %v", err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(data))
		}
	}
	dir := f.TempDir()
	module := filepath.Join(dir, "guest.wasm")
	if err := os.WriteFile(module, guests["hello"](), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "file") || strings.Contains(text, "module") || strings.Contains(text, "env") {
			return // it might name what is of the machine
		}
		path := filepath.Join(dir, "test.toml")
		suite, err := trial.Parse(path, []byte(text), module)
		if err == nil {
			if len(suite.Cases) == 0 {
				t.Error("a file without cases was taken")
			}
			return
		}
		problems, ok := errors.AsType[config.Problems](err)
		if !ok || len(problems) == 0 {
			t.Fatalf("the error is no list of problems: %v", err)
		}
		for _, p := range problems {
			if p.File != path || p.Line < 1 || p.Line > strings.Count(text, "\n")+1 || p.Message == "" {
				t.Errorf("a problem without a place: %#v", p)
			}
		}
	})
}
