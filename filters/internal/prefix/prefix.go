// Package prefix puts another prefix in the place of a path's, by whole
// segments: "/a" is a prefix of "/a" and "/a/b", not of "/ab".
//
// Start at [Change].
package prefix

import "github.com/weirproxy/weir/sdk/jsonconf"

// Change puts To, which may be empty, in the place of the prefix From.
type Change struct{ From, To string }

// Append appends the changed path, which begins with a slash, or the path as it is
// and false where it does not begin so.
func (c *Change) Append(dst, path []byte) ([]byte, bool) {
	rest, ok := c.below(path)
	if !ok {
		return append(dst, path...), false
	}
	begin := len(dst)
	dst = append(dst, c.To...)
	switch slash := len(dst) > begin && dst[len(dst)-1] == '/'; {
	case slash && len(rest) > 0 && rest[0] == '/':
		rest = rest[1:]
	case !slash && (len(rest) == 0 && len(dst) == begin || len(rest) > 0 && rest[0] != '/'):
		dst = append(dst, '/')
	}
	return append(dst, rest...), true
}

// below is what follows the prefix.
func (c *Change) below(path []byte) ([]byte, bool) {
	n := len(c.From)
	if n == 0 || len(path) < n || string(path[:n]) != c.From {
		return nil, false
	}
	return path[n:], len(path) == n || c.From[n-1] == '/' || path[n] == '/'
}

// Read reads a table of from and to.
func Read(r *jsonconf.Reader) (c Change) {
	r.Object(func(key []byte) {
		switch string(key) {
		case "from":
			c.From = Path(r)
		case "to":
			c.To = Path(r)
		default:
			r.Unknown("from", "to")
		}
	})
	if c.From == "" || c.To == "" {
		r.Fail(`needs both "from" and "to"`)
	}
	return c
}

// Path reads a path without a query.
func Path(r *jsonconf.Reader) string {
	v := r.String()
	if r.Failed() {
		return ""
	}
	ok := v != "" && v[0] == '/'
	for i := range len(v) {
		ok = ok && v[i] > ' ' && v[i] != 0x7f && v[i] != '?' && v[i] != '#'
	}
	if !ok {
		r.Fail(`must be a path that begins with "/" and has neither "?", "#" nor blanks, not `, jsonconf.Quote(v))
	}
	return v
}
