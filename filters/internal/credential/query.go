package credential

import (
	"bytes"

	"github.com/weirproxy/weir/filters/internal/form"
	"github.com/weirproxy/weir/sdk"
)

// parameter finds name=value in a path's query, behind the byte after, however the
// name is escaped: where it begins, where its value does, and where it ends. One
// without a value is none.
func parameter(path []byte, name string, after int) (from, value, to int, ok bool) {
	q := bytes.IndexByte(path, '?')
	if q < 0 {
		return 0, 0, 0, false
	}
	for from = max(after, q) + 1; from < len(path); from = to + 1 {
		to = from
		for to < len(path) && path[to] != '&' && path[to] != '#' {
			to++
		}
		n := bytes.IndexByte(path[from:to], '=')
		if n >= 0 && from+n+1 < to && form.Called(path[from:from+n], name) {
			return from, from + n + 1, to, true
		}
	}
	return 0, 0, 0, false
}

func (p *Place) removeParameter(s *sdk.Stream) {
	path := s.Path()
	from, _, to, ok := parameter(path, p.Query, 0)
	if !ok {
		return
	}
	path = append(p.query[:0], path...)
	p.query = path
	for ok {
		path = cut(path, from, to)
		from, _, to, ok = parameter(path, p.Query, 0)
	}
	_ = s.Request().SetBytes(":path", path)
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
