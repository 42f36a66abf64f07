package http2

import (
	"unsafe"

	"github.com/weirproxy/weir/core/stream"
)

// spanOf is a string's bytes. Fields of a list are never written to, so that a
// decoded string can stand in it as it is.
func spanOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// textOf is a span as a string, for as long as the span stands.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// validName says whether b is a field name in lower case (RFC 9113, section 8.2.1).
func validName(b []byte) bool { return bytesOf(b)&noName == 0 }

// What bytes of a name say of it.
const (
	noName     = 1 << iota // it is none, or not in lower case
	underscore             // it has one
)

// bytesOf is what the bytes of b, as a name, say of it together.
func bytesOf(b []byte) (all byte) {
	if len(b) == 0 {
		return noName
	}
	for _, c := range b {
		all |= nameBytes[c]
	}
	return all
}

var nameBytes = func() (t [256]byte) {
	for i := range t {
		if c := byte(i); !stream.ValidName([]byte{c}) || c >= 'A' && c <= 'Z' {
			t[i] = noName
		}
	}
	t['_'] |= underscore
	return t
}()

// validValue says whether b may be a field value: no control character, and no
// blank at either end.
func validValue(b []byte) bool {
	return stream.ValidValue(b) && (len(b) == 0 || !blank(b[0]) && !blank(b[len(b)-1]))
}

func blank(c byte) bool { return c == ' ' || c == '\t' }
