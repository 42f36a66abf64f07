package stream

// Character classes of RFC 9110, section 5.6.2 (token) and 5.5 (field value).
const (
	classToken byte = 1 << iota // may stand in a field name
	classValue                  // may stand in a field value: VCHAR, SP, HTAB, obs-text
	classHost                   // may stand in a host with its port (RFC 3986, section 3.2)
)

// class holds the classes of each byte, lower each byte in lower case.
var (
	class [256]byte
	lower [256]byte
)

func init() {
	for i := range 256 {
		b := byte(i)
		lower[i] = b
		switch {
		case b >= 'A' && b <= 'Z':
			lower[i] = b + 'a' - 'A'
			class[i] |= classToken
		case b >= 'a' && b <= 'z', b >= '0' && b <= '9':
			class[i] |= classToken
		}
		if b == '\t' || b >= ' ' && b != 0x7f {
			class[i] |= classValue
		}
	}
	for _, b := range []byte("!#$%&'*+-.^_`|~") {
		class[b] |= classToken
	}
	for _, b := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%!$&'()*+,;=:[]") {
		class[b] |= classHost
	}
}

// ValidName says whether b is a field name: a token, not empty.
func ValidName(b []byte) bool {
	for _, c := range b {
		if class[c]&classToken == 0 {
			return false
		}
	}
	return len(b) > 0
}

// ValidValue says whether b may be a field value: no control character but
// TAB, so neither CR, LF nor NUL.
func ValidValue(b []byte) bool {
	for _, c := range b {
		if class[c]&classValue == 0 {
			return false
		}
	}
	return true
}

// Visible says that there are neither blanks nor control characters in b, so
// that it can stand in a request line.
func Visible(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

// ValidHost admits names, addresses and ports. User information is refused: it
// would turn into credentials further on.
func ValidHost(b []byte) bool {
	for _, c := range b {
		if class[c]&classHost == 0 {
			return false
		}
	}
	return true
}

// LowerName lower-cases b in place and says whether it is a field name.
func LowerName(b []byte) bool {
	for i, c := range b {
		if class[c]&classToken == 0 {
			return false
		}
		b[i] = lower[c]
	}
	return len(b) > 0
}

// LowerInPlace lower-cases the ASCII letters of b.
func LowerInPlace(b []byte) {
	for i, c := range b {
		b[i] = lower[c]
	}
}

// EqualFold compares b with s, which must be lower case, ignoring ASCII case.
func EqualFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i := range b {
		if lower[b[i]] != s[i] {
			return false
		}
	}
	return true
}

// TrimOWS removes optional white space (SP, HTAB) from both ends.
func TrimOWS(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
