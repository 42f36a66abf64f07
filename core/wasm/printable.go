package wasm

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// AppendPrintable appends a guest's text to dst, with what could forge or
// garble a line of a log replaced: control characters but TAB, other ends of
// lines, what turns the direction of text around, and bytes that are not UTF-8.
func AppendPrintable(dst, text []byte) []byte {
	dst = slices.Grow(dst, len(text))
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		if r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control)) {
			r = '?'
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}
