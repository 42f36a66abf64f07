// Package abi tells which filter ABI a module speaks. The hosts are the
// packages below it.
package abi

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/wasm/meter"
)

// ABI is a filter ABI.
type ABI string

// The ABIs.
const (
	ProxyWasm ABI = "proxy-wasm"
	HTTPWasm  ABI = "http-wasm"
)

// Of is the ABI of a module, by its imports and exports: a proxy-wasm module
// exports a marker of its version, an http-wasm module imports from
// "http_handler", or at least exports "handle_request".
func Of(code []byte) (ABI, error) {
	info, err := meter.Describe(code)
	if err != nil {
		return "", err
	}
	httpWasm := slices.ContainsFunc(info.Imports, func(i meter.Import) bool { return i.Module == "http_handler" }) ||
		slices.ContainsFunc(info.Exports, func(e meter.Export) bool { return e.Name == "handle_request" })
	switch {
	case httpWasm && len(info.ABI) > 0:
		return "", fmt.Errorf("the module is of two filter ABIs: it exports %s as proxy-wasm does, and has what http-wasm's have; build it for one",
			strings.Join(info.ABI, ", "))
	case httpWasm:
		return HTTPWasm, nil
	case len(info.ABI) > 0:
		return ProxyWasm, nil
	}
	return "", errNone
}

var errNone = errors.New("the module is of no filter ABI that is known here: it has no Proxy-Wasm version marker " +
	"(an export such as proxy_abi_version_0_2_1), and neither imports from http_handler nor exports handle_request, as http-wasm's do; " +
	"build it with an SDK of one of them")
