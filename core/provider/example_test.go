package provider_test

import (
	"os/exec"
	"path/filepath"
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
