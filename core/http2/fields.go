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
func validName(b []byte) bool {
	for _, c := range b {
		if c >= 'A' && c <= 'Z' {
			return false
		}
	}
	return stream.ValidName(b)
}

// validValue says whether b may be a field value: no control character, and no
// blank at either end.
func validValue(b []byte) bool {
	return stream.ValidValue(b) && (len(b) == 0 || !blank(b[0]) && !blank(b[len(b)-1]))
}

func blank(c byte) bool { return c == ' ' || c == '\t' }
