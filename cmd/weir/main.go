// Command weir is an API gateway and a service mesh sidecar whose filters are
// WebAssembly modules. See proxy.toml for what it can be told.
package main

import (
	"os"

	"github.com/weirproxy/weir/cmd/weir/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
