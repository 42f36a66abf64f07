package filters_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/filters/filtertest"
)

// TestWrongConfigurationsAreRefused puts wrong values in the place of each value of the
// configurations of examples and scripts, and keys that nobody knows beside each. What the
// schema refuses, the filter refuses too, and says where it is.
func TestWrongConfigurationsAreRefused(t *testing.T) {
	for _, name := range folders(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema, seen := compile(t, name), map[string]bool{}
			for _, base := range bases(t, name) {
				for _, m := range mutants(base.Config) {
					text, err := filtertest.JSON(m.config)
					if err != nil {
						t.Fatal(err)
					}
					v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
					if err != nil {
						t.Fatal(err)
					}
					wrong := schema.Validate(v)
					if key := m.where() + m.what; wrong == nil || seen[key] {
						continue
					} else {
						seen[key] = true
					}
					_, reason, ok := filtertest.Native.Start(t, name, text, base.Calls)
					switch {
					case ok:
						t.Errorf("%s %s is taken: %.200s", m.where(), m.what, text)
					case !m.named(reason):
						t.Errorf("%s %s: the reason does not say where: %s", m.where(), m.what, reason)
					}
				}
			}
			if len(seen) < 5 {
				t.Errorf("only %d wrong configurations were tried", len(seen))
			}
		})
	}
}

// TestWrongConfigurationsAreRefusedAtLoad has a whole proxy refuse one of each filter, by
// the filter's name in the file, the key in its table, and what to do.
func TestWrongConfigurationsAreRefusedAtLoad(t *testing.T) {
	w, err := world()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range folders(t) {
		_, err := coretest.Start(t, coretest.Gateway("127.0.0.1:1", `filters = ["wrong"]`,
			fmt.Sprintf("[filters.wrong]\nuse = %q\n[filters.wrong.config]\nnobody_knows = 1\n", name)+coretest.Wasm()), coretest.Options{Builtins: builtins{w.Code()}})
		if err == nil || !strings.Contains(err.Error(), "filters.wrong.config.nobody_knows: unknown key") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// bases are the tables of a filter's examples and scripts.
func bases(t *testing.T, name string) []example {
	list := examples(t, name)
	scripts, err := filepath.Glob(filepath.Join(name, "testdata", "*.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range scripts {
		s, err := filtertest.Load(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range s.Cases {
			list = append(list, example{Calls: c.Calls, Config: c.Config})
		}
	}
	return list
}

// mutant is a configuration with one thing wrong.
type mutant struct {
	config any
	path   []any // keys and indexes
	what   string
}

// bare are keys that TOML has without quotes.
var bare = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// where is the path as a filter writes it.
func (m *mutant) where() string {
	var b strings.Builder
	for _, p := range m.path {
		key, ok := p.(string)
		switch {
		case !ok:
			fmt.Fprintf(&b, "[%d]", p)
		case !bare.MatchString(key):
			fmt.Fprintf(&b, "[%q]", key)
		case b.Len() > 0:
			b.WriteString("." + key)
		default:
			b.WriteString(key)
		}
	}
	return b.String()
}

// named says whether a reason names the path, or ends above it, and says more.
func (m *mutant) named(reason string) bool {
	for n := len(m.path); n > 0; n-- {
		above := mutant{path: m.path[:n]}
		if strings.Contains(reason, above.where()) {
			return len(m.path)-n <= 1
		}
	}
	return len(m.path) <= 1 && reason != ""
}

// wrongs are values that fit few places.
var wrongs = []any{
	nil, true, "", "\x00", "nonsense \u202e", -1, 0, 0.5, 1e18, 1e308,
	[]any{}, []any{nil}, []any{"a", "a"}, slices.Repeat([]any{"a"}, 5000), map[string]any{}, map[string]any{"": 1},
	strings.Repeat("(a*)*", 2000),
}

// mutants are all that can be made of a configuration by one change.
func mutants(config any) (all []mutant) {
	each(config, nil, func(path []any, v any) {
		for _, w := range wrongs {
			if len(path) == 0 {
				break // what a filter is given is a table
			}
			text, _ := json.Marshal(w)
			all = append(all, mutant{with(config, path, w), path, fmt.Sprintf("%.40s", text)})
		}
		if table, ok := v.(map[string]any); ok {
			more := maps.Clone(table)
			more["nobody_knows"] = 1
			all = append(all, mutant{with(config, path, more), append(slices.Clone(path), "nobody_knows"), "unknown"})
			for key := range table {
				less := maps.Clone(table)
				delete(less, key)
				all = append(all, mutant{with(config, path, less), path, "without " + key})
			}
		}
	})
	return all
}

// each calls do for a value and all that is in it.
func each(v any, path []any, do func(path []any, v any)) {
	do(path, v)
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			each(v[key], append(slices.Clone(path), key), do)
		}
	case []any:
		for i := range v {
			each(v[i], append(slices.Clone(path), i), do)
		}
	case []map[string]any:
		for i := range v {
			each(v[i], append(slices.Clone(path), i), do)
		}
	}
}

// with is a copy of a value with another at a path.
func with(v any, path []any, other any) any {
	if len(path) == 0 {
		return other
	}
	switch v := v.(type) {
	case map[string]any:
		c := maps.Clone(v)
		c[path[0].(string)] = with(c[path[0].(string)], path[1:], other)
		return c
	case []any:
		c := slices.Clone(v)
		c[path[0].(int)] = with(c[path[0].(int)], path[1:], other)
		return c
	case []map[string]any:
		c := make([]any, len(v))
		for i := range v {
			c[i] = v[i]
		}
		c[path[0].(int)] = with(c[path[0].(int)], path[1:], other)
		return c
	}
	return v
}
