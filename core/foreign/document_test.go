package foreign_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocument keeps sdk/ABI.md and the registry telling of the same functions.
func TestDocument(t *testing.T) {
	b, err := os.ReadFile("../../sdk/ABI.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	for _, name := range registry.Names() {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s is not documented", name)
		}
	}
	functions, _, _ := strings.Cut(text, "## weir.phases")
	for _, m := range regexp.MustCompile("`(weir\\.[a-z0-9_.]+[a-z0-9])`").FindAllStringSubmatch(functions, -1) {
		if registry.Find([]byte(m[1])) == nil {
			t.Errorf("%s is documented but not there", m[1])
		}
	}
}
