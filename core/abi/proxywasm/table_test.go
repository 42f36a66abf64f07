package proxywasm

import (
	"os"
	"strings"
	"testing"
)

// The README lists every host function with its signature, and no other.
func TestTableIsDocumented(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.HasPrefix(cells[1], " `proxy_") {
			continue
		}
		documented[strings.Trim(cells[1], " `")] = strings.TrimSpace(cells[2])
	}
	for i := range table {
		f := &table[i]
		if got := documented[f.name]; got != f.signature() {
			t.Errorf("%s is documented as %q, want %q", f.name, got, f.signature())
		}
		delete(documented, f.name)
	}
	for name := range documented {
		t.Errorf("%s is documented, but not in the table", name)
	}
}
