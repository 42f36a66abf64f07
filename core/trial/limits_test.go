package trial_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/trial"
)

// TestLimits: files that are too much are refused.
func TestLimits(t *testing.T) {
	for want, text := range map[string]string{
		"it has more than 4MiB":           strings.Repeat("# nothing\n", 1<<19),
		"it has more than 16MiB":          strings.Repeat("# nothing\n", 1<<21),
		"at most 10000 are run":           strings.Repeat("[[cases]]\n", 10_001),
		"is nested deeper than 100 level": "a = " + strings.Repeat("[", 1<<20),
	} {
		file := filepath.Join(t.TempDir(), "test.toml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := trial.Load(file, ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.200v, want %s", err, want)
		}
	}
}

// TestBodiesFromFiles: pieces and expectations may stand in files.
func TestBodiesFromFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	module := write("guest.wasm", string(guests["hello"]()))
	write("big.bin", strings.Repeat("ab", 1<<20))
	suite, err := trial.Load(write("test.toml", `[[cases]]
request.body = [{ file = "big.bin" }]
expect.upstream.body = { file = "big.bin" }
response.body = { text = "ab", times = 1048576 }
expect.client.body = { file = "big.bin" }
`), module)
	if err != nil {
		t.Fatal(err)
	}
	r := runner(t)
	if got := r.Run(t.Context(), suite, suite.Cases[0]); !got.Passed() {
		t.Error(got.Difference())
	}
	if err := os.Remove(filepath.Join(dir, "big.bin")); err != nil {
		t.Fatal(err)
	}
	if got := r.Run(t.Context(), suite, suite.Cases[0]); got.Passed() || !strings.Contains(got.Difference(), "big.bin") {
		t.Errorf("a file that is gone: %s", got.Difference())
	}
}

// TestCancelled: a run that is told to end does.
func TestCancelled(t *testing.T) {
	suite, err := open(t, "testdata/times.toml")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := runner(t).Run(ctx, suite, suite.Cases[2]); got.Passed() {
		t.Error("it passed")
	}
}

// TestBench counts what a case's streams cost.
func TestBench(t *testing.T) {
	suite, err := open(t, "testdata/calls.toml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := runner(t).Bench(t.Context(), suite, suite.Cases[0], 50)
	if err != nil {
		t.Fatal(err)
	}
	var report strings.Builder
	b.Report(&report)
	for _, want := range []string{"50 streams", "request head", "timers and replies"} {
		if !strings.Contains(report.String(), want) {
			t.Errorf("no %q in\n%s", want, &report)
		}
	}
}
