package jsonedit

import (
	"hash/maphash"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

func (e *editor) space() {
	for e.at < len(e.in) {
		switch e.in[e.at] {
		case ' ', '\t', '\n', '\r':
			e.at++
		default:
			return
		}
	}
}

// list reads what is between brackets, the first of which was read.
func (e *editor) list(end byte, each func() error) error {
	if e.space(); e.next(end) {
		return nil
	}
	for {
		e.space()
		if err := each(); err != nil {
			return err
		}
		e.space()
		switch {
		case e.next(end):
			return nil
		case !e.next(','):
			return ErrSyntax
		}
	}
}

// next passes over c if it comes next.
func (e *editor) next(c byte) bool {
	if e.at < len(e.in) && e.in[e.at] == c {
		e.at++
		return true
	}
	return false
}

// name reads the name of a member and the colon: without its escapes, valid until
// the next, and as it is written.
func (e *editor) name() (name string, raw []byte, err error) {
	begin := e.at
	escaped, err := e.str()
	if err != nil {
		return "", nil, err
	}
	raw = e.in[begin:e.at]
	text := raw[1 : len(raw)-1]
	if escaped {
		e.text = unescape(e.text[:0], text)
		text = e.text
	}
	e.hashes = append(e.hashes, maphash.Bytes(seed, text))
	if e.space(); !e.next(':') {
		return "", nil, ErrSyntax
	}
	e.space()
	return unsafe.String(unsafe.SliceData(text), len(text)), raw, nil
}

// skip reads a value that nothing is done with.
func (e *editor) skip() error {
	if e.at == len(e.in) {
		return ErrSyntax
	}
	switch c := e.in[e.at]; c {
	case '"':
		_, err := e.str()
		return err
	case '{', '[':
		if e.depth++; e.depth > MaxDepth {
			return ErrDepth
		}
		e.at++
		var err error
		if c == '[' {
			err = e.list(']', e.skip)
		} else {
			names := len(e.hashes)
			if err = e.list('}', e.pair); err == nil {
				err = e.unique(names)
			}
		}
		e.depth--
		return err
	case 't':
		return e.word("true")
	case 'f':
		return e.word("false")
	case 'n':
		return e.word("null")
	}
	return e.number()
}

func (e *editor) pair() error {
	if _, _, err := e.name(); err != nil {
		return err
	}
	return e.skip()
}

func (e *editor) word(w string) error {
	if len(e.in)-e.at < len(w) || string(e.in[e.at:e.at+len(w)]) != w {
		return ErrSyntax
	}
	e.at += len(w)
	return nil
}

// number reads RFC 8259, section 6.
func (e *editor) number() error {
	e.next('-')
	if !e.next('0') && !e.digits() {
		return ErrSyntax
	}
	if e.next('.') && !e.digits() {
		return ErrSyntax
	}
	if e.next('e') || e.next('E') {
		if !e.next('+') {
			e.next('-')
		}
		if !e.digits() {
			return ErrSyntax
		}
	}
	return nil
}

func (e *editor) digits() bool {
	begin := e.at
	for e.at < len(e.in) && e.in[e.at] >= '0' && e.in[e.at] <= '9' {
		e.at++
	}
	return e.at > begin
}

// str reads a string, and says whether it has escapes.
func (e *editor) str() (escaped bool, err error) {
	if !e.next('"') {
		return false, ErrSyntax
	}
	begin, ascii := e.at, true
	for e.at < len(e.in) {
		switch c := e.in[e.at]; {
		case c == '"':
			if !ascii && !utf8.Valid(e.in[begin:e.at]) {
				return escaped, ErrSyntax
			}
			e.at++
			return escaped, nil
		case c < ' ':
			return escaped, ErrSyntax
		case c == '\\':
			escaped = true
			n := escapeLen(e.in[e.at:])
			if n == 0 {
				return escaped, ErrSyntax
			}
			e.at += n
		default:
			ascii = ascii && c < 0x80
			e.at++
		}
	}
	return escaped, ErrSyntax
}

// escapeLen is how long the escape at the beginning of b is, 0 for none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) >= 6 && hex4(b[2:6]) >= 0 {
			return 6
		}
	}
	return 0
}

func hex4(b []byte) rune {
	v := rune(0)
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			v = v<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = v<<4 | rune(c|0x20-'a'+10)
		default:
			return -1
		}
	}
	return v
}

// unescape appends a string whose escapes were found right, without them. Halves of
// a pair that stand alone become U+FFFD, as encoding/json has them.
func unescape(dst, s []byte) []byte {
	for len(s) > 0 {
		if s[0] != '\\' {
			dst, s = append(dst, s[0]), s[1:]
			continue
		}
		if s[1] != 'u' {
			dst, s = append(dst, plain[s[1]]), s[2:]
			continue
		}
		r := hex4(s[2:6])
		s = s[6:]
		if utf16.IsSurrogate(r) {
			low := rune(-1)
			if len(s) >= 6 && s[1] == 'u' && s[0] == '\\' {
				low = hex4(s[2:6])
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				s = s[6:]
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

var plain = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}
