package wasm_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/wasm"
)

// goGuest builds the guest in testdata.
func goGuest(t *testing.T) []byte { return goModule(t, "testdata/goguest") }

// goModule builds a guest from a folder below this one.
func goModule(t testing.TB, dir string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "guest.wasm")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", out, ".")
	build.Dir = filepath.FromSlash(dir)
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the guest: %v\n%s", err, text)
	}
	code, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// TestGoGuestIsOutlined: Go's linker writes thousands of data segments, of which a start
// would read and keep each.
func TestGoGuestIsOutlined(t *testing.T) {
	if n, err := wasm.Segments(goGuest(t)); err != nil || n > 100 {
		t.Errorf("%d segments are left, %v", n, err)
	}
}

func TestGoGuest(t *testing.T) {
	m := load(t, newEngine(t, wasm.Options{}), wasm.Source{Name: "go", Code: goGuest(t)})
	if pages := m.Limits().MemoryPages; pages != wasm.DefaultGoMemoryPages {
		t.Errorf("a Go guest may have %d pages", pages)
	}
	var said []string
	vm := newVM(t, wasm.VMConfig{
		Module: m,
		Lanes:  1,
		Env:    map[string]string{"GREETING": "hello"},
		Start: func(in *wasm.Instance) error {
			_, err := in.Call(in.Func("_initialize"))
			return err
		},
		Output: func(_ *wasm.Instance, stream int, line []byte) {
			said = append(said, fmt.Sprintf("%d:%s", stream, line))
		},
		Breaker: wasm.BreakerOptions{Failures: 1000, Backoff: 1, MaxBackoff: 1},
	})
	says := func(want ...string) {
		t.Helper()
		if !slices.Equal(said, want) {
			t.Errorf("the guest says %q, want %q", said, want)
		}
		said = nil
	}
	answers := func(want uint64, export string, args ...uint64) {
		t.Helper()
		if got, err := run(t, vm, export, args...); err != nil || got != want {
			t.Errorf("%s%v = %d, %v; want %d", export, args, got, err, want)
		}
	}
	ends := func(kind fault.Kind, export string, args ...uint64) {
		t.Helper()
		if _, err := run(t, vm, export, args...); fault.KindOf(err) != kind {
			t.Errorf("%s%v: %v, want %v", export, args, err, kind)
		}
	}
	answers(0, "empty")
	answers(499500, "pass", 1000)
	answers(5000, "recurse", 5000)
	answers(0, "say")
	says("1:to stdout", "2:to stderr ?[31m", "2:unfinished")
	answers(0, "tell")
	says(fmt.Sprintf("1:hello|%d", 48<<20)) // of 64 MiB

	// A collection may take longer than a callback's budget, now and then.
	answers(0, "keep", 50_000)
	answers(0, "keep", 50_000)
	before := vm.Stats()[0].Fuel
	answers(0, "collect")
	if used := vm.Stats()[0].Fuel - before; used > 100e6 {
		t.Errorf("a collection burned %d ms", used/1e6)
	}

	ends(fault.GuestBudget, "spin")
	ends(fault.GuestTrap, "fail")
	if len(said) == 0 || !strings.Contains(said[0], "panic: the guest panics") {
		t.Errorf("a panic says %q", said)
	}
	said = nil
	ends(fault.GuestTrap, "recurse", 1<<30)
	ends(fault.GuestTrap, "hog", 100)
	answers(10<<20, "hog", 10)
}
