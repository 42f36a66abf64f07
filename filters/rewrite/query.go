package rewrite

import (
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
		if called(one[:n], name) {
			return true
		}
	}
	return false
}

// called says whether an escaped name is this one, however it is escaped: as forms
// are, with "+" for a blank.
func called(escaped []byte, name string) bool {
	at := 0
	for i := 0; i < len(escaped); i++ {
		c := escaped[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(escaped) && hex(escaped[i+1]) < 16 && hex(escaped[i+2]) < 16:
			c = hex(escaped[i+1])<<4 | hex(escaped[i+2])
			i += 2
		}
		if at == len(name) || name[at] != c {
			return false
		}
		at++
	}
	return at == len(name)
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
