package httpwasm_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// built is the module that a command of an example's README makes.
func built(t *testing.T, example string, env []string, command ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "example.wasm")
	c := exec.Command(command[0], append(command[1:], "-o", path)...)
	c.Dir = filepath.Join("..", "..", "..", "wasm-examples", filepath.FromSlash(example))
	c.Env = append(os.Environ(), env...)
	if text, err := c.CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", example, err, text)
	}
	return path
}

// TestExampleWat runs wasm-examples/wat/httpwasm.
func TestExampleWat(t *testing.T) {
	if _, err := exec.LookPath("wat2wasm"); err != nil {
		if os.Getenv("CI_REQUIRED") != "" {
			t.Fatal(err)
		}
		t.Skip("wat2wasm is not there: make deps brings it")
	}
	module := built(t, "wat/httpwasm", nil, "wat2wasm", "httpwasm.wat")
	p := coretest.Proxy(t, gateway(echo(t).Addr, module, `config = "x-a=paris=1"`))
	got := coretest.Get(t, p.Addr("gateway"), "/", "X-A: london")
	if got.Body != "GET / test [] X-A=paris=1" || got.Header.Get("X-A") != "paris=1" {
		t.Errorf("%+v", got)
	}
	for _, wrong := range []string{``, `config = "x-a"`, `config = "=paris"`, `config = "a=` + strings.Repeat("x", 1023) + `"`} {
		_, err := coretest.Start(t, gateway("127.0.0.1:1", module, wrong), coretest.Options{})
		if err == nil || !strings.Contains(err.Error(), "filters.guest") {
			t.Errorf("%.20s: %v", wrong, err)
		}
	}
}

// TestExampleGo runs wasm-examples/go/httpwasm.
func TestExampleGo(t *testing.T) {
	module := built(t, "go/httpwasm", []string{"GOOS=wasip1", "GOARCH=wasm", "GOFLAGS="},
		"go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w")
	long := strings.Repeat("t", 1000) // longer than the guest's first buffer
	p := coretest.Proxy(t, gateway(echo(t).Addr, module, `config = "`+long+`"`, "security = true"))
	for _, c := range []struct {
		field  string
		status int
		body   string
	}{
		{"X-None: 1", 401, "a token, please\n"},
		{"Authorization: Bearer " + long[1:], 401, "a token, please\n"},
		{"Authorization: Bearer " + long, 200, "GET / test []"},
		{"Authorization: Bearer " + long, 200, "GET / test []"},
	} {
		got := coretest.Get(t, p.Addr("gateway"), "/", c.field)
		if got.Status != c.status || got.Body != c.body || (c.status == 401) != (got.Header.Get("Www-Authenticate") == "Bearer") {
			t.Errorf("%.30s: %+v", c.field, got)
		}
	}
	if !p.Log.Has("request 2 of this instance was answered 200, error: false") {
		t.Error("the guest did not log how it was answered")
	}
}
