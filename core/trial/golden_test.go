package trial_test

import (
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/trial"
	"github.com/weirproxy/weir/core/wasm"
)

var update = flag.Bool("update", false, "write the goldens anew")

// runner runs the cases of a test.
func runner(t testing.TB) *trial.Runner {
	t.Helper()
	e, err := wasm.New(wasm.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	r := &trial.Runner{Engine: e, Events: 1000}
	t.Cleanup(func() {
		r.Close()
		e.Close()
	})
	return r
}

// open reads a file of testdata, whose first line names its guest.
func open(t testing.TB, path string) (*trial.Suite, error) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	name, ok := strings.CutPrefix(first, "# guest: ")
	if !ok {
		t.Fatalf("%s: the first line must be \"# guest: …\"", path)
	}
	module := filepath.Join(t.TempDir(), name+".wasm")
	if build := guests[name]; build != nil {
		if err := os.WriteFile(module, build(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return trial.Load(path, module)
}

// steady is a report without what differs from run to run.
func steady(report string) string {
	report = regexp.MustCompile(`time="[0-9.]+"`).ReplaceAllString(report, `time="…"`)
	report = regexp.MustCompile(`\$\d+\(`).ReplaceAllString(report, `$$…(`) // a function's number
	return regexp.MustCompile(`"[^"]*/([a-z]+\.wasm)"`).ReplaceAllString(report, `"…/$1"`)
}

func golden(t *testing.T, file, got string) {
	t.Helper()
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

// TestReports runs the files of testdata: what they say of each case, for
// people and as JUnit's XML.
func TestReports(t *testing.T) {
	files, err := filepath.Glob("testdata/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	r := runner(t)
	for _, file := range files {
		name := strings.TrimSuffix(file, ".toml")
		t.Run(filepath.Base(name), func(t *testing.T) {
			suite, err := open(t, file)
			if err != nil {
				t.Fatal(err)
			}
			var report, junit strings.Builder
			var results []trial.Result
			for _, c := range suite.Cases {
				result := r.Run(t.Context(), suite, c)
				result.Report(&report)
				results = append(results, result)
			}
			golden(t, name+".golden", steady(report.String()))
			if strings.HasSuffix(name, "fail") {
				if err := trial.JUnit(&junit, results, nil); err != nil {
					t.Fatal(err)
				}
				golden(t, name+".xml", steady(junit.String()))
			}
		})
	}
}

// TestBadFiles: all that is wrong with a file is said at once, with its line.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			_, err := open(t, file)
			if err == nil {
				t.Fatal("it was taken")
			}
			golden(t, strings.TrimSuffix(file, ".toml")+".golden", steady(err.Error())+"\n")
		})
	}
}
