package config_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
)

var update = flag.Bool("update", false, "write the goldens anew")

// environment is the one the corpus is read in.
func environment(name string) (string, bool) {
	v, ok := map[string]string{"WEIR_TEST_KEY": "from-the-environment", "WEIR_REGISTRY": "user:password", "WEIR_TRACE_TOKEN": "Bearer from-the-environment", "WEIR_EMPTY": "", "WEIR_JOIN_TOKEN": "join"}[name]
	return v, ok
}

// TestBadFiles reads files named by what is wrong with them. The golden has
// every problem as an operator sees it.
func TestBadFiles(t *testing.T) {
	corpus(t, "testdata/bad", 60, func(t *testing.T, name string, data []byte) string {
		_, err := config.Parse(name, data, config.Overrides{LookupEnv: environment})
		if err == nil {
			t.Fatal("loads; want problems")
		}
		checkPlaces(t, err, data)
		return err.Error() + "\n"
	})
}

// TestGoodFiles reads files that are right. The golden has what differs from
// the role's defaults, and what each filter is given.
func TestGoodFiles(t *testing.T) {
	corpus(t, "testdata/good", 12, func(t *testing.T, name string, data []byte) string {
		// By its path, so that its secrets are found beside it.
		c, err := config.Load(filepath.Join("testdata/good", name), config.Overrides{LookupEnv: environment})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Validate(); err != nil {
			t.Errorf("what loads is not valid: %v", err)
		}
		return describe(t, c)
	})
}

// corpus runs look over the TOML files of a folder and compares its answers
// with the goldens.
func corpus(t *testing.T, dir string, least int, look func(t *testing.T, name string, data []byte) string) {
	files, err := filepath.Glob(filepath.Join(dir, "*.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < least {
		t.Fatalf("%s has %d files, want %d", dir, len(files), least)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := look(t, filepath.Base(file), data)
			golden := strings.TrimSuffix(file, ".toml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// checkPlaces checks that problems are sorted and on lines that the file has.
func checkPlaces(t *testing.T, err error, data []byte) {
	t.Helper()
	problems, ok := err.(config.Problems)
	if !ok || len(problems) == 0 {
		t.Fatalf("error is %T, want Problems", err)
	}
	last := strings.Count(string(data), "\n") + 1
	for i, p := range problems {
		if p.Line < 1 || p.Line > last {
			t.Errorf("line %d of a file of %d: %v", p.Line, last, p)
		}
		if i > 0 && p.Line < problems[i-1].Line {
			t.Errorf("line %d behind line %d", p.Line, problems[i-1].Line)
		}
		if p.Message == "" || strings.Contains(p.Message, "\n") {
			t.Errorf("message %q is not one line", p.Message)
		}
	}
}

// describe is a configuration without what is default or the machine's.
func describe(t *testing.T, c *config.Config) string {
	got, base := c.Masked(), config.Default(c.Role).Masked()
	prune(got, base)
	if got == nil {
		got = map[string]any{}
	}
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", text)
	var names []string
	for name := range c.Filters {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		guest, err := config.FilterConfigJSON(c.Filters[name].Config)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprintf(&b, "%s is given %s\n", name, guest)
	}
	return b.String()
}

// prune takes out of got what base has too.
func prune(got, base map[string]any) {
	for k, v := range got {
		if g, ok := v.(map[string]any); ok && k != "filters" && k != "clusters" {
			if b, ok := base[k].(map[string]any); ok {
				prune(g, b)
				if len(g) == 0 {
					delete(got, k)
				}
				continue
			}
		}
		if reflect.DeepEqual(v, base[k]) {
			delete(got, k)
		}
	}
}
