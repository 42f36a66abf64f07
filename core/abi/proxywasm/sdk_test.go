package proxywasm_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/filter"
)

// sdkGuest builds testdata/headers with the Go toolchain, once.
var sdkGuest = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "sdkguest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "headers.wasm")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", out, "./testdata/headers")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if text, err := build.CombinedOutput(); err != nil {
		return text, err
	}
	return os.ReadFile(out)
})

func loadSDK(t testing.TB, h *host) filter.Filter {
	t.Helper()
	code, err := sdkGuest()
	if err != nil {
		t.Fatalf("building the guest: %v\n%s", err, code)
	}
	f, err := h.tryCode(code, func(s *proxywasm.Spec) { s.RootID, s.Config = "headers", []byte("x-copy") })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

func TestGuestOfOurSDK(t *testing.T) {
	h := newHost(t)
	f := loadSDK(t, h)
	if f.Phases() != filter.PhaseRequestHeaders {
		t.Errorf("phases %b: the guest declares one", f.Phases())
	}
	for range 3 {
		o := (&exchange{headers: []string{"x-request-id: 42"}}).run(f)
		if o.upstream != "GET / a.example|x-request-id: 42|x-copy: 42" {
			t.Errorf("outcome %+v", o)
		}
	}
	// A value larger than the arena is allocated by the guest.
	o := (&exchange{headers: []string{"x-request-id: " + strings.Repeat("y", 30_000)}}).run(f)
	if !strings.HasSuffix(o.downstream, "|>yyy") {
		t.Errorf("outcome %+v", o)
	}
	if lines := h.lines(); len(lines) > 0 {
		t.Errorf("lines %q", lines)
	}
}

func BenchmarkSDK(b *testing.B) {
	l := newLife(loadSDK(b, newHost(b)))
	b.ReportAllocs()
	for b.Loop() {
		l.run()
	}
}
