package provider_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestExample: the program that the kit's README shows does what it says.
func TestExample(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "example")
	if out, err := exec.Command("go", "build", "-o", program, "./kit/example").CombinedOutput(); err != nil {
		t.Fatalf("building the example: %v\n%s", err, out)
	}
	services := t.TempDir()
	write(t, filepath.Join(services, "orders"), "10.0.0.1:80 1\n10.0.0.2:80 3\n")

	p := begin(t, options{Command: []string{program}, Config: `{"folder":"` + services + `"}`})
	w := p.watch("orders")
	w.expect("10.0.0.1:80 1", "10.0.0.2:80 3")
	write(t, filepath.Join(services, "orders"), "10.0.0.2:80 3\n")
	w.expect("10.0.0.2:80 3")
	p.log.wait(t, "the provider says", "published", "service=orders")
	write(t, filepath.Join(services, "orders"), "nonsense\n")
	p.eventually("orders is stale", func() bool { return p.service("orders").Stale != nil })
	write(t, filepath.Join(services, "orders"), "10.0.0.4:80 1\n")
	w.expect("10.0.0.4:80 1")
}

// TestREADME: the program in the kit's README is one.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile("kit/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(text), "```go\n")
	code, _, ok := strings.Cut(code, "```")
	if !ok {
		t.Fatal("there is no program")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.go"), code)
	place, err := filepath.Abs("kit/readme/main.go") // where it would be
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{place: filepath.Join(dir, "main.go")}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "overlay.json"), string(overlay))
	program := filepath.Join(dir, "readme")
	if out, err := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, "./kit/readme").CombinedOutput(); err != nil {
		t.Fatalf("building it: %v\n%s", err, out)
	}
	p := begin(t, options{Command: []string{program}, Config: `{"addresses":["10.0.0.1:80","10.0.0.2:80"]}`})
	p.watch("any").expect("10.0.0.1:80 1", "10.0.0.2:80 1")
	bad := begin(t, options{Command: []string{program}, Config: `{"adresses":[]}`})
	bad.watch("any")
	bad.log.wait(t, "unknown field", "adresses")
}
