package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// Body is the part of a body that a callback shows: one chunk, or all that a
// Pause has gathered.
type Body struct {
	b abi.Buffer
}

// all is a length that no body has.
const all = 1<<31 - 1

// Len is the number of bytes that are there.
func (b Body) Len() int {
	n, s := abi.BufferLen(b.b)
	if s != abi.OK {
		return 0
	}
	return int(n)
}

// Bytes is all of it, valid until the callback ends.
func (b Body) Bytes() ([]byte, error) { return b.Slice(0, all) }

// Slice is at most limit bytes from start.
func (b Body) Slice(start, limit int) ([]byte, error) {
	p, s := abi.BufferGet(b.b, uint32(start), uint32(limit))
	return p, s.Err()
}

// Set replaces all of it.
func (b Body) Set(data []byte) error { return b.Splice(0, all, data) }

// SetString is Set for a string.
func (b Body) SetString(data string) error { return abi.BufferSet(b.b, 0, all, data).Err() }

// Prepend puts data before it.
func (b Body) Prepend(data []byte) error { return b.Splice(0, 0, data) }

// Append puts data behind it.
func (b Body) Append(data []byte) error { return b.Splice(all, 0, data) }

// Splice replaces size bytes from start by data. Envoy takes only a start of 0
// or one at the end.
func (b Body) Splice(start, size int, data []byte) error {
	return abi.BufferSet(b.b, uint32(start), uint32(size), View(data)).Err()
}
