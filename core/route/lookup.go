package route

import "github.com/weirproxy/weir/core/stream"

// lookup is one search for a route.
type lookup struct {
	head        *stream.RequestHead
	path, query []byte
	captures    *Captures // nil when nobody asks for them
}

// first is the best rule of a list whose other conditions the request meets.
func (l *lookup) first(r *rule) *rule {
	for ; r != nil; r = r.next {
		if r.free || l.meets(r.match) {
			return r
		}
	}
	return nil
}

func (l *lookup) meets(m *matcher) bool {
	if len(m.methods) > 0 && !contains(m.methods, l.head.Method) {
		return false
	}
	for i := range m.headers {
		if !m.headers[i].header(l.head.Headers.Fields()) {
			return false
		}
	}
	for i := range m.query {
		if !l.parameter(&m.query[i]) {
			return false
		}
	}
	return m.path.regex == nil || m.path.regex.Match(l.path)
}

func (l *lookup) parameter(c *condition) bool {
	if l.captures == nil {
		var scratch []byte
		return c.parameter(l.query, &scratch)
	}
	return c.parameter(l.query, &l.captures.decoded)
}

func contains(list []string, b []byte) bool {
	for _, s := range list {
		if s == string(b) {
			return true
		}
	}
	return false
}
