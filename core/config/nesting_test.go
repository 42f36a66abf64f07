package config_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
)

// TestNesting: what nests too deep is refused, instead of overflowing a stack.
func TestNesting(t *testing.T) {
	deep := strings.Repeat("[", 1<<20)
	for name, c := range map[string]struct {
		text string
		line string // of the problem, "" for none of nesting
	}{
		"arrays":          {"version = 1\na = " + deep, "proxy.toml:2: "},
		"inline tables":   {"a = " + strings.Repeat("{a=", 1<<20), "proxy.toml:1: "},
		"dotted keys":     {"\n\n" + strings.Repeat("a.", 1<<20) + "a = 1", "proxy.toml:3: "},
		"dotted tables":   {"[" + strings.Repeat("a.", 1<<20) + "a]", "proxy.toml:1: "},
		"a hundred":       {"a = " + strings.Repeat("[", 100) + strings.Repeat("]", 100), ""},
		"in a string":     {"node = \"" + deep + "\"", ""},
		"in a literal":    {"node = '''\n" + deep + "'''", ""},
		"in a comment":    {"# " + deep, ""},
		"one beside all":  {strings.Repeat("a = [[1.0], [2.5]]\n", 1000), ""},
		"behind a string": {"a = \"\\\"\"\nb = " + deep, "proxy.toml:2: "},
	} {
		_, err := config.Parse("proxy.toml", []byte(c.text), config.Overrides{LookupEnv: env(nil)})
		got := err != nil && strings.Contains(err.Error(), "is nested deeper than 100 levels")
		if got != (c.line != "") || got && !strings.HasPrefix(err.Error(), c.line) {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}
