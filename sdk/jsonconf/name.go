package jsonconf

// HeaderName reads the name of a header field, and lower-cases it as the ABI
// has names. Pseudo-headers are none.
func (r *Reader) HeaderName() string {
	v := []byte(r.String())
	for i, c := range v {
		if c >= 'A' && c <= 'Z' {
			v[i] = c + 'a' - 'A'
		}
	}
	if !r.Failed() && !Token(string(v)) {
		r.Fail(Quote(string(v)), " is not a field name: letters, digits and !#$%&'*+-.^_`|~ only")
	}
	return string(v)
}

// Token says whether s is a token of RFC 9110, as names of header fields and
// methods are.
func Token(s string) bool {
	const others = "!#$%&'*+-.^_`|~"
	for i := range len(s) {
		c := s[i]
		ok := c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9'
		for j := 0; j < len(others) && !ok; j++ {
			ok = others[j] == c
		}
		if !ok {
			return false
		}
	}
	return s != ""
}
