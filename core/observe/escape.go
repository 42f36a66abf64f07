package observe

import (
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// plain are the bytes that stand for themselves in a JSON string and do
// nothing to a terminal.
var plain = func() (t [256]bool) {
	for b := ' '; b < 0x7f; b++ {
		t[b] = b != '"' && b != '\\'
	}
	return t
}()

// appendString appends s as a JSON string. Whatever is in it, the result is
// valid, one line, and safe to print: control characters are escaped, those
// beyond ASCII too, and what is not UTF-8 becomes U+FFFD.
func appendString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		b := s[i]
		if plain[b] {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		if b < utf8.RuneSelf {
			dst = appendEscape(dst, b)
			i++
		} else {
			r, n := decodeRune(s[i:])
			dst = appendRune(dst, r)
			i += n
		}
		from = i
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

func decodeRune[T string | []byte](s T) (rune, int) {
	var b [utf8.UTFMax]byte
	return utf8.DecodeRune(b[:copy(b[:], s)])
}

func appendEscape(dst []byte, b byte) []byte {
	switch b {
	case '"', '\\':
		return append(dst, '\\', b)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
}

// appendRune escapes C1 controls, which a terminal may obey, and the two line
// separators, which some readers take for an end of line.
func appendRune(dst []byte, r rune) []byte {
	if r < 0xa0 || r == '\u2028' || r == '\u2029' {
		return append(dst, '\\', 'u', hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
	}
	return utf8.AppendRune(dst, r)
}

// appendMillis appends d, in nanoseconds, as milliseconds with three decimals.
func appendMillis(dst []byte, d int64) []byte {
	us := max(0, d) / 1000
	dst = strconv.AppendInt(dst, us/1000, 10)
	f := us % 1000
	return append(dst, '.', byte('0'+f/100), byte('0'+f/10%10), byte('0'+f%10))
}
