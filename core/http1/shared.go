package http1

import (
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// This file holds what HTTP/2 shares with HTTP/1: the same rules for the same
// fields, and one stock of buffers.

// Framed says whether the writer of a message, not its list of fields, decides
// about a field.
func Framed(name []byte) bool { return framed(name) }

// MayTrail says whether a field may stand in trailers (RFC 9110, section 6.5.1).
func MayTrail(name []byte) bool { return mayTrail(name) }

// AddLength notes a Content-Length field; a second one is an error.
func (f *Framing) AddLength(v []byte) error { return f.addLength(v) }

// DeclaredLength is the length that a response without a body tells of, or
// NoBody.
func DeclaredLength(h *stream.Headers) int64 { return declaredLength(h) }

// SplitTarget takes a request target apart into path and authority; only the
// absolute form has one.
func SplitTarget(method, target []byte) (path, authority []byte, err error) {
	if len(target) == 0 {
		return nil, nil, errTarget
	}
	return splitTarget(method, target)
}

// Buffers is the stock of buffers of n bytes or the next larger size, up to 1 MiB.
func Buffers(n int) sock.BufferPool { return classOf(n) }

// GiveBack returns a buffer, whole, to its stock.
func GiveBack(b *[]byte) { giveBack(b) }
