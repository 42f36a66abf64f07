package rewrite

import (
	"github.com/weirproxy/weir/filters/internal/form"
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
)

// queryChange is what becomes of the query: names that go, then parameters
// that come.
type queryChange struct {
	remove []string // unescaped; those that are set are among them
	add    []parameter
}

// parameter is one name=value; the name is escaped.
type parameter struct {
	name  string
	value string            // without placeholders
	fill  template.Template // with placeholders
	fills bool
}

func (q *queryChange) any() bool { return len(q.remove) > 0 || len(q.add) > 0 }

// appendQuery appends the new query to f.target, with its "?" if there is one.
func (f *filter) appendQuery(s *sdk.Stream, query []byte) {
	separator := byte('?')
	for len(query) > 0 {
		n := 0
		for n < len(query) && query[n] != '&' {
			n++
		}
		if one := query[:n]; len(one) > 0 && !f.query.removes(one) {
			f.target = append(append(f.target, separator), one...)
			separator = '&'
		}
		query = query[min(n+1, len(query)):]
	}
	for i := range f.query.add {
		p := &f.query.add[i]
		value := p.value
		if p.fills {
			var known bool
			if f.value, known = p.fill.Append(f.value[:0], s); !known {
				continue
			}
			value = sdk.View(f.value)
		}
		f.target = append(append(append(f.target, separator), p.name...), '=')
		f.target = escape(f.target, value)
		separator = '&'
	}
}

// removes says whether a parameter's name is among those that go.
func (q *queryChange) removes(one []byte) bool {
	n := 0
	for n < len(one) && one[n] != '=' {
		n++
	}
	for _, name := range q.remove {
		if form.Called(one[:n], name) {
			return true
		}
	}
	return false
}

// escape appends v with everything escaped that is not unreserved (RFC 3986,
// section 2.3), so that it can never be more than one value.
func escape(dst []byte, v string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(v) {
		switch c := v[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~':
			dst = append(dst, c)
		default:
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		}
	}
	return dst
}
