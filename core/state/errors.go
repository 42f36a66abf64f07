package state

import "errors"

// The sizes of shared data.
const (
	MaxKey   = 256      // bytes
	MaxValue = 64 << 10 // bytes
)

// The errors.
var (
	ErrNotFound = errors.New("not found")
	ErrMismatch = errors.New("changed since it was read") // compare-and-swap
	ErrTooLarge = errors.New("key or value larger than the limit")
	ErrFull     = errors.New("no room left")
	ErrNoNumber = errors.New("value is not a counter")
	ErrEmpty    = errors.New("queue is empty")
	ErrRate     = errors.New("malformed rate")
)
