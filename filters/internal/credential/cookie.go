package credential

import (
	"bytes"

	"github.com/weirproxy/weir/sdk"
)

// joinCookies are all cookies of the request in one line: HTTP/2 may bring them in
// several fields.
func (p *Place) joinCookies(s *sdk.Stream) []byte {
	p.cookies = p.cookies[:0]
	for name, value := range s.Request().All() {
		if string(name) == "cookie" {
			if len(p.cookies) > 0 {
				p.cookies = append(p.cookies, "; "...)
			}
			p.cookies = append(p.cookies, value...)
		}
	}
	return p.cookies
}

// CookieIn is the value of the first cookie of a name in a field, empty without one.
func CookieIn(field []byte, name string) []byte {
	begin, to, ok := pair(field, name, 0)
	if !ok {
		return nil
	}
	return bytes.TrimRight(field[begin+len(name)+1:to], " ")
}

// pair finds name=value among cookies, from a byte on: where it begins and ends.
func pair(c []byte, name string, from int) (begin, to int, ok bool) {
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

func (p *Place) removeCookie(s *sdk.Stream) {
	c := p.joinCookies(s)
	whole := len(c)
	for {
		from, to, ok := pair(c, p.Cookie, 0)
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
		_ = s.Request().Del("cookie")
	case len(c) < whole:
		_ = s.Request().SetBytes("cookie", c)
	}
}
