// Command schema writes the JSON Schema (draft 2020-12) of proxy.toml, for
// editors to complete and check the file while it is written.
//
// It reads the source of package config: the structs give the keys, their doc
// comments the descriptions, their check tags the bounds. What a schema cannot
// say, such as that a cluster exists, only loading the file finds.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// output is the schema's file, in the folder of package config.
const output = "proxy.schema.json"

func main() {
	dir := flag.String("dir", ".", "folder of package config")
	flag.Parse()
	if err := run(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	text, err := generate(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, output), text, 0o644)
}
