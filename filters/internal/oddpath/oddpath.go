// Package oddpath finds paths that an upstream could read as another resource than
// the filter that guards it.
//
// Start at [Odd].
package oddpath

import "github.com/weirproxy/weir/filters/internal/form"

// Odd says whether a path, without its query, can be read in more than one way.
// parameters says that ";" may be in segments.
//
// The core has brought the path into its normal form; what its policy may leave
// is looked for here, and what servers make of paths by themselves: escapes that
// are decoded a second time, parameters that are cut off, dots and blanks that
// file systems drop.
func Odd(path []byte, parameters bool) bool {
	if len(path) == 0 || path[0] != '/' {
		return true
	}
	// Most paths hold nothing that is worth a closer look.
	seen, last := byte(0), byte(0)
	for _, c := range path {
		t := suspects[c]
		seen |= t & (last | last>>1 | other)
		last = t
	}
	return (seen != 0 || last == dot) && oddParts(path, parameters)
}

// The classes of bytes that may make a path odd: a slash or a dot behind one of
// them, or any other.
const (
	slash = 1 << iota
	dot
	other
)

var suspects = func() (t [256]byte) {
	for c := range t {
		switch {
		case c == '/':
			t[c] = slash
		case c == '.':
			t[c] = dot
		case c < ' ' || c == 0x7f || c == '\\' || c == ';' || c == '%':
			t[c] = other
		}
	}
	return t
}()

// oddParts looks at each segment and each escape.
func oddParts(path []byte, parameters bool) bool {
	start := 1 // of the segment
	for i := 1; i < len(path); i++ {
		switch c := path[i]; {
		case c == '/':
			if i == start || oddEnd(path[start:i]) {
				return true
			}
			start = i + 1
		case c == '\\' || c < ' ' || c == 0x7f || c == ';' && !parameters:
			return true
		case c == '%' && oddEscape(path[i+1:], parameters):
			return true
		}
	}
	return start < len(path) && oddEnd(path[start:])
}

// oddEnd says whether a segment is a dot, two, or ends as file systems do not
// let names end: as a whole, and without parameters, which are cut off by some
// before they look for dots ("..;x").
func oddEnd(s []byte) bool {
	for i, c := range s {
		if c == ';' || c == '%' && len(s) > i+2 && s[i+1] == '3' && s[i+2]|0x20 == 'b' {
			if i == 0 || oddName(s[:i]) {
				return true
			}
			break
		}
	}
	return oddName(s)
}

func oddName(s []byte) bool {
	n := len(s)
	return s[n-1] == '.' || n >= 3 && string(s[n-3:]) == "%20"
}

// oddEscape says whether what follows a "%" stands for something that parts or
// hides segments, or for another escape.
func oddEscape(b []byte, parameters bool) bool {
	if len(b) < 2 {
		return true
	}
	high, low := form.Hex(b[0]), form.Hex(b[1])
	if high > 15 || low > 15 {
		return true
	}
	switch c := high<<4 | low; c {
	case '/', '\\', '.':
		return true
	case ';':
		return !parameters
	case '%':
		return len(b) >= 4 && form.Hex(b[2]) < 16 && form.Hex(b[3]) < 16
	default:
		return c < ' ' || c == 0x7f
	}
}
