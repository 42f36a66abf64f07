package credential

import (
	"bytes"

	"github.com/weirproxy/weir/sdk"
)

// parameter finds name=value in a path's query, behind the byte after: where it
// begins and ends.
func parameter(path []byte, name string, after int) (from, to int, ok bool) {
	q := bytes.IndexByte(path, '?')
	if q < 0 {
		return 0, 0, false
	}
	for from = max(after, q) + 1; from < len(path); from = to + 1 {
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

func (p *Place) removeParameter(s *sdk.Stream) {
	path := append(p.query[:0], s.Path()...)
	p.query = path
	whole := len(path)
	for {
		from, to, ok := parameter(path, p.Query, 0)
		if !ok {
			break
		}
		path = cut(path, from, to)
	}
	if len(path) < whole {
		_ = s.Request().SetBytes(":path", path)
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
