package jsonconf

import "unicode/utf8"

// quoted reads a string: a part of the text, or a copy where it has escapes.
func (r *Reader) quoted() []byte {
	r.pos++ // the quote, which the caller saw
	start := r.pos
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; {
		case c == '"':
			s := r.text[start:r.pos:r.pos]
			r.pos++
			if !utf8.Valid(s) {
				r.Fail("is not valid UTF-8")
				return []byte{}
			}
			return s
		case c == '\\':
			return r.escaped(start)
		case c < ' ':
			r.syntax("an escape in place of a control character")
			return []byte{}
		}
		r.pos++
	}
	r.syntax(`a closing "\""`)
	return []byte{}
}

// escaped reads the rest of a string that began at start and has an escape.
func (r *Reader) escaped(start int) []byte {
	out := append([]byte(nil), r.text[start:r.pos]...)
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		switch {
		case c == '"':
			r.pos++
			if !utf8.Valid(out) {
				r.Fail("is not valid UTF-8")
				return []byte{}
			}
			return out
		case c < ' ':
			r.syntax("an escape in place of a control character")
			return []byte{}
		case c != '\\':
			from := r.pos
			for r.pos++; r.pos < len(r.text) && r.text[r.pos] >= ' ' && r.text[r.pos] != '"' && r.text[r.pos] != '\\'; r.pos++ {
			}
			out = append(out, r.text[from:r.pos]...)
		default:
			c, ok := r.escape()
			if !ok {
				r.syntax("an escape of JSON")
				return []byte{}
			}
			out = utf8.AppendRune(out, c)
		}
	}
	r.syntax(`a closing "\""`)
	return []byte{}
}

// escape reads one escape.
func (r *Reader) escape() (rune, bool) {
	if len(r.text)-r.pos < 2 {
		return 0, false
	}
	c := r.text[r.pos+1]
	r.pos += 2
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
	default:
		return 0, false
	}
	hi, ok := r.hex4()
	if !ok || hi < 0xd800 || hi > 0xdfff {
		return hi, ok
	}
	if hi > 0xdbff || len(r.text)-r.pos < 2 || r.text[r.pos] != '\\' || r.text[r.pos+1] != 'u' {
		return 0, false
	}
	r.pos += 2
	lo, ok := r.hex4()
	return 0x10000 + (hi-0xd800)<<10 + (lo - 0xdc00), ok && lo >= 0xdc00 && lo <= 0xdfff
}

// hex4 reads four hexadecimal digits.
func (r *Reader) hex4() (rune, bool) {
	if len(r.text)-r.pos < 4 {
		return 0, false
	}
	n := rune(0)
	for range 4 {
		c := r.text[r.pos]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		n = n<<4 | rune(c)
		r.pos++
	}
	return n, true
}
