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
	_, value, to, ok := pair(field, name, 0)
	if !ok {
		return nil
	}
	return field[value:to]
}

// pair finds name=value among cookies, from a byte on: where it begins, where its
// value does, and where that ends. Blanks around names and values are nobody's: many
// servers cut them off. One without a value is none.
func pair(c []byte, name string, from int) (begin, value, to int, ok bool) {
	for from < len(c) {
		end := from
		for end < len(c) && c[end] != ';' {
			end++
		}
		if n := bytes.IndexByte(c[from:end], '='); n >= 0 && string(bytes.Trim(c[from:from+n], blanks)) == name {
			begin, value = skip(c, from, end), skip(c, from+n+1, end)
			if to = value + len(bytes.TrimRight(c[value:end], blanks)); value < to {
				return begin, value, to, true
			}
		}
		from = end + 1
	}
	return 0, 0, 0, false
}

const blanks = " \t"

// skip is where the blanks end that begin at a byte.
func skip(c []byte, from, end int) int {
	return end - len(bytes.TrimLeft(c[from:end], blanks))
}

func (p *Place) removeCookie(s *sdk.Stream) {
	c := p.joinCookies(s)
	whole := len(c)
	for {
		from, _, to, ok := pair(c, p.Cookie, 0)
		if !ok {
			break
		}
		for to < len(c) && (c[to] == ';' || c[to] == ' ' || c[to] == '\t') {
			to++
		}
		c = append(c[:from], c[to:]...)
	}
	switch c = bytes.TrimRight(c, "; \t"); {
	case len(c) == 0 && whole > 0:
		_ = s.Request().Del("cookie")
	case len(c) < whole:
		_ = s.Request().SetBytes("cookie", c)
	}
}
