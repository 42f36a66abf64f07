//go:build !wasm

package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

func init() {
	abi.NewGuest = func() abi.Guest { return new(guest) }
}

// The guest takes every callback of the ABI.
var _ abi.Guest = (*guest)(nil)
