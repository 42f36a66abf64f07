package http1

import (
	"encoding/binary"
	"math/bits"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special is the index of the first byte of b that is a control character
// (below 0x20, TAB included, or 0x7f), or len(b). Eight bytes are looked at
// at a time; a flag above the lowest may be false, the lowest is right.
func special(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		d := x ^ (ones * 0x7f)
		flags := ((x-ones*0x20)&^x | (d-ones)&^d) & highs
		if flags != 0 {
			return i + bits.TrailingZeros64(flags)>>3
		}
	}
	for ; i < len(b); i++ {
		if b[i] < 0x20 || b[i] == 0x7f {
			return i
		}
	}
	return i
}

// lineEnd is where the line that starts b ends: b[:n] is its text and
// b[n:n+2] its CR LF. Control characters other than TAB are refused. The
// buffer is known to hold the end of the head, so that a line without an end
// is malformed.
func lineEnd(b []byte) (n int, err error) {
	for n < len(b) {
		n += special(b[n:])
		switch {
		case n+1 < len(b) && b[n] == '\r' && b[n+1] == '\n':
			return n, nil
		case n < len(b) && b[n] == '\t':
			n++
		case n < len(b) && (b[n] == '\r' || b[n] == '\n'):
			return 0, errLineEnd
		default:
			return 0, errControl
		}
	}
	return 0, errLineEnd
}
