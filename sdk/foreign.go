package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// Foreign calls a function that the host offers beyond the ABI. It answers
// ErrNotFound where there is none of that name. Package weir has Weir's as Go
// functions.
func Foreign(name string, args []byte) ([]byte, error) {
	v, s := abi.Foreign(name, args)
	return v, s.Err()
}
