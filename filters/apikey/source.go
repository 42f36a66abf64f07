package apikey

import (
	"bytes"

	"github.com/weirproxy/weir/sdk"
)

// source is where keys are looked for, in this order.
type source struct {
	header string
	scheme string // in front of the key in the header, "" for none
	query  string
	cookie string
	buf    []byte // what is put together; callbacks do not overlap
}

// find is the request's key, valid until remove or the callback's end.
func (x *source) find(s *sdk.Stream) (key []byte, ok bool) {
	if x.header != "" {
		if v, ok := s.Request().Get(x.header); ok {
			if v, ok = afterScheme(v, x.scheme); ok && len(v) > 0 {
				return v, true
			}
		}
	}
	if x.query != "" {
		if from, to, ok := parameter(s.Path(), x.query); ok {
			x.buf = unescape(x.buf[:0], s.Path()[from+len(x.query)+1:to])
			return x.buf, true
		}
	}
	if x.cookie != "" {
		c := x.cookies(s)
		if from, to, ok := pair(c, x.cookie); ok {
			return c[from+len(x.cookie)+1 : to], true
		}
	}
	return nil, false
}

// afterScheme cuts the scheme and blanks off, ignoring the scheme's case.
func afterScheme(v []byte, scheme string) ([]byte, bool) {
	if scheme == "" {
		return v, true
	}
	if len(v) <= len(scheme) || !bytes.EqualFold(v[:len(scheme)], []byte(scheme)) || v[len(scheme)] != ' ' {
		return nil, false
	}
	return bytes.TrimLeft(v[len(scheme):], " "), true
}

// parameter finds name=value in a path's query: where it begins and ends.
func parameter(path []byte, name string) (from, to int, ok bool) {
	q := bytes.IndexByte(path, '?')
	if q < 0 {
		return 0, 0, false
	}
	for from = q + 1; from < len(path); from = to + 1 {
		to = from
		for to < len(path) && path[to] != '&' && path[to] != '#' {
			to++
		}
		if named(path[from:to], name) {
			return from, to, true
		}
	}
	return 0, 0, false
}

// named says whether text is "name=" and a value that is not empty.
func named(text []byte, name string) bool {
	return len(text) > len(name)+1 && text[len(name)] == '=' && string(text[:len(name)]) == name
}

// unescape appends v with %XX and + resolved, as forms are.
func unescape(dst, v []byte) []byte {
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '+':
			dst = append(dst, ' ')
		case c == '%' && i+2 < len(v) && hex(v[i+1]) < 16 && hex(v[i+2]) < 16:
			dst = append(dst, hex(v[i+1])<<4|hex(v[i+2]))
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// hex is the value of a digit, 16 for any other byte.
func hex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}

// cookies are all cookies of the request in one line: HTTP/2 may bring them in
// several fields.
func (x *source) cookies(s *sdk.Stream) []byte {
	x.buf = x.buf[:0]
	for name, value := range s.Request().All() {
		if string(name) == "cookie" {
			if len(x.buf) > 0 {
				x.buf = append(x.buf, "; "...)
			}
			x.buf = append(x.buf, value...)
		}
	}
	return x.buf
}

// pair finds name=value among cookies: where it begins and ends.
func pair(c []byte, name string) (from, to int, ok bool) {
	for from < len(c) {
		for from < len(c) && (c[from] == ' ' || c[from] == ';') {
			from++
		}
		to = from
		for to < len(c) && c[to] != ';' {
			to++
		}
		if named(c[from:to], name) {
			return from, to, true
		}
		from = to + 1
	}
	return 0, 0, false
}

// remove takes the key out of the request, from every place where one may
// stand: the upstream has no use for it, and its logs even less.
func (x *source) remove(s *sdk.Stream) {
	if x.header != "" {
		s.Request().Del(x.header)
	}
	if x.query != "" {
		x.removeParameter(s)
	}
	if x.cookie != "" {
		x.removeCookie(s)
	}
}

func (x *source) removeParameter(s *sdk.Stream) {
	p := append(x.buf[:0], s.Path()...)
	x.buf = p
	whole := len(p)
	for {
		from, to, ok := parameter(p, x.query)
		if !ok {
			break
		}
		p = cut(p, from, to)
	}
	if len(p) < whole {
		s.Request().SetBytes(":path", p)
	}
}

func (x *source) removeCookie(s *sdk.Stream) {
	c := x.cookies(s)
	whole := len(c)
	for {
		from, to, ok := pair(c, x.cookie)
		if !ok {
			break
		}
		for to < len(c) && (c[to] == ';' || c[to] == ' ') {
			to++
		}
		c = append(c[:from], c[to:]...)
	}
	switch c = bytes.TrimRight(c, "; "); {
	case len(c) == 0 && whole > 0:
		s.Request().Del("cookie")
	case len(c) < whole:
		s.Request().SetBytes("cookie", c)
	}
}

// cut takes a parameter and the separator that it no longer needs out of a path.
func cut(p []byte, from, to int) []byte {
	switch {
	case to < len(p) && p[to] == '&':
		to++ // the next one takes its place
	default:
		from-- // the "&" or "?" before it
	}
	return append(p[:from], p[to:]...)
}
