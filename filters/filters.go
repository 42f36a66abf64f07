// Package filters describes the built-in filters: their names and what their
// configuration may hold. Each has a folder of its own, all of one shape: README.md,
// config.schema.json, the package, and behaviour scripts under testdata that
// run both natively and as WebAssembly. A new filter is its folder and one
// line in builtin/all.
//
// The filters themselves run as WebAssembly: package builtin has the module.
//
// Start at [Schema].
package filters

import (
	"embed"
	"path"
)

//go:embed */config.schema.json
var schemas embed.FS

const schemaFile = "config.schema.json"

// Names are the built-in filters, in order.
func Names() []string {
	entries, err := schemas.ReadDir(".")
	if err != nil {
		panic(err) // the files are in the binary
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Schema is the JSON Schema (draft 2020-12) of a filter's config table. It
// finds wrong keys and types before a module runs; what it cannot say, the
// filter says when it is configured.
func Schema(name string) (text []byte, ok bool) {
	text, err := schemas.ReadFile(path.Join(name, schemaFile))
	return text, err == nil
}
