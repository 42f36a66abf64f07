package sdk_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheFilterOfTheREADME builds it as a module, runs the README's test on
// it, and counts its lines.
func TestTheFilterOfTheREADME(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Fatalf("README.md has %d blocks of Go, want a filter and its test", len(blocks))
	}
	filter, test := blocks[0][1], blocks[1][1]
	if n := strings.Count(filter, "\n"); n >= 40 {
		t.Errorf("the filter has %d lines, want fewer than 40", n)
	}
	test = "package main\n\nimport (\n\t\"testing\"\n\n\t\"github.com/weirproxy/weir/sdk/sdktest\"\n)\n\n" + test

	// The files are laid over a folder that does not exist, inside this module.
	dir := t.TempDir()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string]map[string]string{"Replace": {}}
	for name, code := range map[string]string{"main.go": filter, "main_test.go": test} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(code), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay["Replace"][filepath.Join(here, "readme", name)] = path
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	laid := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(laid, b, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(env []string, command ...string) {
		t.Helper()
		cmd := exec.Command(command[0], command[1:]...)
		cmd.Env = append(append(os.Environ(), "GOFLAGS="), env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", strings.Join(command, " "), err, out)
		}
	}
	tests := filepath.Join(dir, "tenant.test")
	run(nil, "go", "test", "-vet=off", "-overlay", laid, "-c", "-o", tests, "./readme")
	run(nil, tests)
	run([]string{"GOOS=wasip1", "GOARCH=wasm"}, "go", "build", "-overlay", laid, "-buildmode=c-shared", "-o", filepath.Join(dir, "tenant.wasm"), "./readme")
}
