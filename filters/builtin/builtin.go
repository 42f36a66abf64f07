// Package builtin holds the module of all built-in filters, which go generate
// builds. It is megabytes, so it is not committed: a checkout without it
// compiles and tests all the same, and [Module] says what is missing.
//
// Start at [Module].
package builtin

import (
	"embed"
	"errors"
	"fmt"
)

//go:generate env GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath "-ldflags=-s -w" -o builtin.wasm ./guest

// file is where the module lies, beside builtin.wasm.md, which is always there.
const file = "builtin.wasm"

//go:embed builtin.wasm*
var files embed.FS

// ErrMissing says that this binary was built before the module was.
var ErrMissing = errors.New(`the built-in filters are not in this binary; run "go generate ./filters/builtin" and build again`)

// Module is the WebAssembly module of all built-in filters, or ErrMissing. Each
// filter has its name as root id.
func Module() ([]byte, error) {
	code, err := files.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("loading built-in filters: %w", ErrMissing)
	}
	return code, nil
}
