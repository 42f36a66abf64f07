// Package form reads what queries and forms escape: "%XX", and "+" for a blank.
//
// Start at [Called]; [Hex] is for other escapes.
package form

// Called says whether an escaped name is this one, however it is escaped.
func Called(escaped []byte, name string) bool {
	at := 0
	for i := 0; i < len(escaped); at++ {
		c, n := next(escaped[i:])
		if at == len(name) || name[at] != c {
			return false
		}
		i += n
	}
	return at == len(name)
}

// Unescape appends v without escapes. What is no escape stays as it is.
func Unescape(dst, v []byte) []byte {
	for i := 0; i < len(v); {
		c, n := next(v[i:])
		dst = append(dst, c)
		i += n
	}
	return dst
}

// next is the first character, and how many bytes it is written with.
func next(v []byte) (c byte, n int) {
	switch c := v[0]; {
	case c == '+':
		return ' ', 1
	case c == '%' && len(v) > 2 && Hex(v[1]) < 16 && Hex(v[2]) < 16:
		return Hex(v[1])<<4 | Hex(v[2]), 3
	default:
		return c, 1
	}
}

// Hex is the value of a digit, 16 for any other byte.
func Hex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}
