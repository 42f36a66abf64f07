package filters_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/weirproxy/weir/filters"
	_ "github.com/weirproxy/weir/filters/builtin/all"
	"github.com/weirproxy/weir/filters/filtertest"
)

// support are the folders that are no filters.
var support = []string{"builtin", "filtertest", "internal", "testdata"}

// folders are those of the filters.
func folders(t *testing.T) []string {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && !slices.Contains(support, e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestEveryFolderHasItsShape(t *testing.T) {
	all, err := os.ReadFile("builtin/all/all.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range folders(t) {
		t.Run(name, func(t *testing.T) {
			for _, file := range []string{"README.md", "config.schema.json", name + ".go", name + "_test.go", "testdata/*.toml", "testdata/bad/*.toml"} {
				if found, _ := filepath.Glob(filepath.Join(name, file)); len(found) == 0 {
					t.Errorf("%s is missing", file)
				}
			}
			if !bytes.Contains(all, []byte(`weir/filters/`+name+`"`)) {
				t.Errorf("builtin/all does not import it")
			}
			if _, ok := filters.Schema(name); !ok {
				t.Errorf("it has no schema")
			}
		})
	}
	if got, want := filters.Names(), folders(t); !slices.Equal(got, want) {
		t.Errorf("filters.Names are %q, the folders %q", got, want)
	}
}

var sections = []string{"Purpose", "Phases", "Configuration", "Example", "Metrics", "Limits", "Failure mode"}

func TestREADMEHasItsSections(t *testing.T) {
	heading := regexp.MustCompile(`(?m)^## (.+)$`)
	for _, name := range folders(t) {
		text := readme(t, name)
		var got []string
		for _, m := range heading.FindAllStringSubmatch(text, -1) {
			got = append(got, m[1])
		}
		if !slices.Equal(got, sections) {
			t.Errorf("%s: README.md has the sections %q, want %q", name, got, sections)
		}
		if !strings.HasPrefix(text, "# "+name+"\n") {
			t.Errorf("%s: README.md does not begin with its name", name)
		}
	}
}

// TestOverviewNamesEveryFilter: the table of README.md is whole.
func TestOverviewNamesEveryFilter(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n|---|---")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, name := range folders(t) {
		if !strings.Contains(table, strings.ReplaceAll("\n| [NAME](NAME/README.md) |", "NAME", name)) {
			t.Errorf("the table does not name %q", name)
		}
	}
}

// TestREADMENamesEveryKey compares the configuration tables with the schema.
func TestREADMENamesEveryKey(t *testing.T) {
	for _, name := range folders(t) {
		text := readme(t, name)
		raw, _ := filters.Schema(name)
		var schema any
		if err := json.Unmarshal(raw, &schema); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, key := range keysOf(schema) {
			if !strings.Contains(text, "`"+key+"`") {
				t.Errorf("%s: README.md does not name the key %q", name, key)
			}
		}
	}
}

// keysOf are the keys that a schema gives properties for.
func keysOf(schema any) (keys []string) {
	switch s := schema.(type) {
	case map[string]any:
		for k, v := range s {
			if properties, ok := v.(map[string]any); ok && k == "properties" {
				for key := range properties {
					keys = append(keys, key)
				}
			}
			keys = append(keys, keysOf(v)...)
		}
	case []any:
		for _, v := range s {
			keys = append(keys, keysOf(v)...)
		}
	}
	return keys
}

func readme(t *testing.T, name string) string {
	text, err := os.ReadFile(filepath.Join(name, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestConfigurations checks each README's example, each script's and each bad
// configuration against the schema, and has the filter read the examples.
func TestConfigurations(t *testing.T) {
	for _, name := range folders(t) {
		t.Run(name, func(t *testing.T) {
			schema := compile(t, name)
			for _, e := range examples(t, name) {
				validate(t, schema, e.Config)
				text, err := filtertest.JSON(e.Config)
				if err != nil {
					t.Fatal(err)
				}
				if _, reason, ok := filtertest.Native.Start(t, name, text, e.Calls); !ok {
					t.Errorf("the filter refuses the example of README.md: %s", reason)
				}
			}
			scripts, _ := filepath.Glob(filepath.Join(name, "testdata", "*.toml"))
			for _, p := range scripts {
				s, err := filtertest.Load(p)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range s.Cases {
					validate(t, schema, c.Config)
				}
			}
		})
	}
}

// example is a filter's table.
type example struct {
	Use    string
	Calls  []string
	Config any
}

// examples are the filter's tables in its README's TOML blocks.
func examples(t *testing.T, name string) (list []example) {
	for _, block := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(readme(t, name), -1) {
		var file struct {
			Filters map[string]example
		}
		if _, err := toml.Decode(block[1], &file); err != nil {
			t.Errorf("%s: the example of README.md: %v", name, err)
		}
		for _, f := range file.Filters {
			if f.Use == name {
				list = append(list, f)
			}
		}
	}
	if len(list) == 0 {
		t.Errorf("%s: README.md has no example", name)
	}
	return list
}

func compile(t *testing.T, name string) *jsonschema.Schema {
	raw, _ := filters.Schema(name)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, schema *jsonschema.Schema, config any) {
	t.Helper()
	text, err := filtertest.JSON(config)
	if err != nil {
		t.Fatal(err)
	}
	if config == nil {
		text = "{}"
	}
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(v); err != nil {
		t.Errorf("the schema refuses %s: %v", text, err)
	}
}
