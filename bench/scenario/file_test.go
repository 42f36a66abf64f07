package scenario_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/bench/isolate"
	"github.com/weirproxy/weir/bench/scenario"
	"github.com/weirproxy/weir/bench/wire"
	"github.com/weirproxy/weir/core/config"
)

// TestScenarios: each file is good, and what it names is there: peers,
// configurations, their routes and filters.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("../scenarios/*.toml")
	if err != nil || len(files) < 7 {
		t.Fatalf("%d scenarios, %v", len(files), err)
	}
	for _, file := range files {
		s, err := scenario.Load(file, wire.Peers(), wire.PeerHeaders())
		if err != nil {
			t.Error(err)
			continue
		}
		if want := strings.TrimSuffix(filepath.Base(file), ".toml"); s.Name != want {
			t.Errorf("%s is called %q", file, s.Name)
		}
		for _, sys := range s.Systems {
			if sys.Config == "" {
				continue
			}
			cfg, err := config.Load(sys.Config, config.Overrides{})
			if err != nil {
				t.Error(err)
				continue
			}
			r, err := isolate.Find(cfg, sys.Route)
			if err != nil {
				t.Errorf("%s, %s: %v", file, sys.Name, err)
				continue
			}
			if _, err := r.Config(isolate.Options{Origin: "127.0.0.1:1", Without: sys.Without}); err != nil {
				t.Errorf("%s, %s: %v", file, sys.Name, err)
			}
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{"", "name"},
		{"name = \"a\"", "at least one [[systems]]"},
		{"name = \"a\"\nconnections = 0\n[[systems]]\nname = \"p\"", "connections"},
		{"name = \"a\"\nduration = \"1h\"\n[[systems]]\nname = \"p\"", "duration"},
		{"name = \"a\"\nspeed = 1\n[[systems]]\nname = \"p\"", "speed"},
		{"name = \"a\"\n[[systems]]\nname = \"p\"\n[[systems]]\nname = \"p\"", "twice"},
		{"name = \"a\"\n[[systems]]\nname = \"q\"", "is no peer"},
		{"name = \"a\"\n[[systems]]\nname = \"p\"\nreload = \"1s\"", "has no config"},
		{"name = \"a\"\n[[systems]]\n", "name a peer"},
		{"name = \"a\"\n[request]\nheaders = { host = \"x\" }\n[[systems]]\nname = \"p\"", "leave it out"},
		{"name = \"a\"\n" + strings.Repeat("[[systems]]\nname = \"p\"\n", 33), "at most 32"},
	} {
		file := filepath.Join(t.TempDir(), "s.toml")
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := scenario.Load(file, []string{"p"}, nil); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: says %v, want %q", c.text, err, c.says)
		}
	}
}
