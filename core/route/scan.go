package route

import "encoding/binary"

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// surelyNormal says that the path of a request target is in normal form by
// every policy. It errs to the safe side: a path like /.well-known is normal
// and answered with false.
//
// Eight bytes are looked at at a time. A flag is the high bit of its byte; the
// arithmetic is exact for bytes below 0x80; a byte above them, which is odd
// itself, disturbs only its own other flags and those of bytes behind it.
func surelyNormal(b []byte) bool {
	if len(b) < 8 {
		return surelyNormalShort(b)
	}
	if b[0] != '/' {
		return false
	}
	slashBefore := uint64(0) // 0x80 when the byte before the eight is a slash
	for i := 0; ; {
		x := binary.LittleEndian.Uint64(b[i:])
		slash := equal(x, '/')
		odd := x&highs | ^(x+ones*(0x80-'!'))&highs |
			equal(x, '%') | equal(x, '\\') | equal(x, '#') | equal(x, 0x7f) |
			equal(x|ones, '/')&(slash<<8|slashBefore) // "." is "/" without its lowest bit
		if query := equal(x, '?') &^ x; query != 0 {
			return odd&(query&-query-1) == 0
		}
		if odd != 0 {
			return false
		}
		slashBefore = slash >> 56
		i += 8
		if i == len(b) {
			return true
		}
		if i > len(b)-8 {
			// The last eight overlap those before, which have seen what
			// precedes them.
			i, slashBefore = len(b)-8, 0
		}
	}
}

// equal flags the bytes of x that are c, both below 0x80.
func equal(x uint64, c byte) uint64 {
	return (highs - (x ^ ones*uint64(c))) & highs
}

func surelyNormalShort(b []byte) bool {
	if len(b) == 0 || b[0] != '/' {
		return false
	}
	before := byte(0)
	for _, c := range b {
		switch {
		case c == '?':
			return true
		case c <= ' ', c >= 0x7f, c == '%', c == '\\', c == '#',
			before == '/' && (c == '/' || c == '.'):
			return false
		}
		before = c
	}
	return true
}
