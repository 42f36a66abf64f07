package route

const upperHex = "0123456789ABCDEF"

// hexDigit is the value of a hexadecimal digit, or 0xff.
var hexDigit = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i := range byte(16) {
		c := upperHex[i]
		t[c] = i
		if c >= 'A' {
			t[c|' '] = i
		}
	}
	return t
}()

// unreserved are the characters whose escape means the same as they
// themselves (RFC 3986, section 2.3).
var unreserved = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") {
		t[c] = true
	}
	return t
}()

// unescape is the byte of the escape that p begins with.
func unescape(p []byte) (byte, error) {
	if len(p) < 3 {
		return 0, errEscape
	}
	high, low := hexDigit[p[1]], hexDigit[p[2]]
	if high|low > 15 {
		return 0, errEscape
	}
	return high<<4 | low, nil
}

// overlong says whether the byte c and the escape that next may begin with
// spell a character in more bytes of UTF-8 than it takes: a lax decoder reads
// a slash or a dot where a strict one reads none. 0xc0 and 0xc1 begin nothing
// else, whatever follows. Bytes that are not UTF-8 at all are let through:
// they are what older character sets look like.
func overlong(c byte, next []byte) bool {
	var bound byte // second bytes below it make the form overlong
	switch c {
	case 0xc0, 0xc1:
		return true
	case 0xe0:
		bound = 0xa0
	case 0xf0:
		bound = 0x90
	case 0xf8:
		bound = 0x88
	case 0xfc:
		bound = 0x84
	default:
		return false
	}
	if len(next) == 0 || next[0] != '%' {
		return false
	}
	second, err := unescape(next)
	return err == nil && second >= 0x80 && second < bound
}
