package coretest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// guest is the module of testdata/guest, built once in a process.
var guest = sync.OnceValues(func() ([]byte, error) {
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/weirproxy/weir/core/coretest").Output()
	if err != nil {
		return nil, fmt.Errorf("finding package coretest: %w", err)
	}
	dir, err := os.MkdirTemp("", "weir-guest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	module := filepath.Join(dir, "guest.wasm")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", module, "./testdata/guest")
	build.Dir = strings.TrimSpace(string(out))
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building a guest: %w\n%s", err, text)
	}
	return os.ReadFile(module)
})

// Guest is the path of a module made of testdata/guest with our SDK and the
// checkout's toolchain. It has many roots: what each does stands there.
func Guest(t testing.TB) (path string) {
	t.Helper()
	code, err := guest()
	if err != nil {
		t.Fatal(err)
	}
	return Module(t, code)
}

// Module writes a module's binary to a file of this test.
func Module(t testing.TB, code []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "guest.wasm")
	if err := os.WriteFile(path, code, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Wasm is a configuration's table [wasm] with these keys, and with a folder of
// compiled modules that all tests of this user share: under the race detector
// a module that Go built takes seconds to compile.
func Wasm(keys ...string) string {
	cache := "off"
	if dir, err := os.UserCacheDir(); err == nil {
		cache = filepath.Join(dir, "weir-test", "wasm")
	}
	return fmt.Sprintf("[wasm]\ncache = %q\n%s\n", cache, strings.Join(keys, "\n"))
}

// FilterTable is a configuration's table of a filter: a root of a module, with
// these keys.
func FilterTable(name, module, root string, keys ...string) string {
	return fmt.Sprintf("[filters.%s]\nmodule = %q\nroot_id = %q\n%s\n", name, module, root, strings.Join(keys, "\n"))
}

// FilterView is what the admin's door tells of a filter.
type FilterView struct {
	Name        string `json:"name"`
	Module      string `json:"module_sha256"`
	Streams     int    `json:"streams"`
	Traps       int    `json:"traps"`
	Unavailable int    `json:"unavailable"`
	Calls       int    `json:"http_calls"`
	LogDropped  int    `json:"log_dropped"`
	Quarantined bool   `json:"quarantined"`
	Lanes       []struct {
		State     string `json:"state"`
		Traps     int    `json:"traps"`
		OverSpent int    `json:"budget_exceeded"`
		Restarts  int    `json:"restarts"`
		Memory    int    `json:"memory_bytes"`
	} `json:"lanes"`
}

// Filter asks the admin's door for a filter. While a reload's old streams end
// there may be several of a name: the answer is the first.
func (r *Running) Filter(name string) FilterView {
	r.t.Helper()
	for _, f := range r.Filters() {
		if f.Name == name {
			return f
		}
	}
	r.t.Fatalf("/filters does not have %q", name)
	return FilterView{}
}

// Filters asks the admin's door for all filters.
func (r *Running) Filters() (all []FilterView) {
	r.t.Helper()
	reply := r.Admin("GET", "/filters")
	if err := json.Unmarshal([]byte(reply.Body), &all); err != nil {
		r.t.Fatalf("reading /filters: %v: %.200q", err, reply.Body)
	}
	return all
}
