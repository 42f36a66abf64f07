package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestFresh finds a schema that is older than the structs.
func TestFresh(t *testing.T) {
	want, err := generate("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", output))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is old; run go generate ./core/config", output)
	}
}

// TestFilesOfTheCorpus checks that the schema takes what loads, and refuses
// what its keys, types and bounds are wrong in.
func TestFilesOfTheCorpus(t *testing.T) {
	schema := compiled(t)
	good, err := filepath.Glob("../testdata/good/*.toml")
	if err != nil || len(good) == 0 {
		t.Fatalf("no good files: %v", err)
	}
	for _, file := range append(good, "../../../proxy.toml") {
		if err := schema.Validate(parsed(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, name := range []string{
		"unknown-key-typo", "unknown-key-in-inline-table", "enum-typo", "duration-without-unit", "duration-bad-unit",
		"duration-off-not-allowed", "size-without-unit", "size-bad-unit", "integer-out-of-range", "integer-quoted",
		"boolean-quoted", "float-out-of-range", "string-instead-of-array", "table-instead-of-array-of-tables",
		"value-instead-of-table", "filter-bad-sha256", "filter-bad-name", "filter-config-not-a-table",
		"route-bad-methods", "route-bad-on", "route-bad-retries", "version-unknown", "role-typo",
		"modules-bad-bounds", "overload-bad-limit", "overload-limit-without-unit", "overload-limit-typo", "overload-limit-empty", "overload-unknown-step",
	} {
		if schema.Validate(parsed(t, "../testdata/bad/"+name+".toml")) == nil {
			t.Errorf("%s: the schema takes it", name)
		}
	}
}

// TestErrors checks that a source that cannot be read is told.
func TestErrors(t *testing.T) {
	for name, text := range map[string]string{
		"no type Config":      "package config\n",
		"not Go":              "package config\ntype Config struct {",
		"a key without doc":   "package config\ntype Config struct {\n\tA int `toml:\"a\"`\n}\n",
		"a type of elsewhere": "package config\ntype Config struct {\n\t// A.\n\tA chan int `toml:\"a\"`\n}\n",
		"an unknown type":     "package config\ntype Config struct {\n\t// A.\n\tA uint8 `toml:\"a\"`\n}\n",
		"a bound of no kind":  "package config\ntype Config struct {\n\t// A.\n\tA int `toml:\"a\" check:\"min=x\"`\n}\n",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "config.go"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := run(dir); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	f, err := os.Open(filepath.Join("..", output))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(output, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(output)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// parsed is a TOML file as the JSON that an editor checks.
func parsed(t *testing.T, file string) any {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]any{}
	if err := toml.Unmarshal(data, &table); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	text, err := json.Marshal(table)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
