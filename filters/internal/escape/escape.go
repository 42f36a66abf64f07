// Package escape writes text of strangers into documents, so that it stays text.
//
// Start at [HTML] and [JSON].
package escape

import "unicode/utf8"

// HTML appends v for HTML and XML: between tags, and in quoted attributes.
// Controls and what is not UTF-8 become U+FFFD.
func HTML(dst, v []byte) []byte {
	for len(v) > 0 {
		r, size := utf8.DecodeRune(v)
		switch {
		case r == '<':
			dst = append(dst, "&lt;"...)
		case r == '>':
			dst = append(dst, "&gt;"...)
		case r == '&':
			dst = append(dst, "&amp;"...)
		case r == '"':
			dst = append(dst, "&#34;"...)
		case r == '\'':
			dst = append(dst, "&#39;"...)
		case r < ' ' && r != '\t' && r != '\n', r == 0x7f:
			dst = utf8.AppendRune(dst, utf8.RuneError)
		default:
			dst = utf8.AppendRune(dst, r)
		}
		v = v[size:]
	}
	return dst
}

// JSON appends v for the inside of a string of JSON (RFC 8259, section 7), fit
// for a script in HTML too. What is not UTF-8 becomes U+FFFD.
func JSON(dst, v []byte) []byte {
	const digits = "0123456789abcdef"
	for len(v) > 0 {
		r, size := utf8.DecodeRune(v)
		switch {
		case r == '"', r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ', r == '<', r == '>', r == '&', r == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
		case r == '\u2028', r == '\u2029': // line ends to scripts
			dst = append(append(dst, `\u202`...), digits[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
		v = v[size:]
	}
	return dst
}
