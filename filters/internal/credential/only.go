package credential

import (
	"bytes"

	"github.com/weirproxy/weir/filters/internal/form"
	"github.com/weirproxy/weir/sdk"
)

// Found is how many credentials a request carries.
type Found uint8

// What there may be.
const (
	None Found = iota
	One
	// Several are an attempt to have us check one and the upstream believe
	// another (RFC 6750, section 2 forbids them).
	Several
)

// Only is the one credential of the request, valid until Remove or the
// callback's end. An empty one counts: a scheme with nothing behind it is no
// request without a credential. Several values of the header come as one, with
// commas: see [Joined]. Looking for them costs more than all else here, and what
// is known to be good has none.
func (p *Place) Only(s *sdk.Stream) (v []byte, n Found) {
	add := func(found []byte, some Found) {
		v, n = found, min(n+some, Several)
	}
	if p.Header != "" {
		if found, some := p.inHeader(); some != None {
			add(found, some)
		}
	}
	if p.Query != "" {
		path := s.Path()
		if _, value, to, ok := parameter(path, p.Query, 0); ok {
			p.query = form.Unescape(p.query[:0], path[value:to])
			add(p.query, One)
			if _, _, _, again := parameter(path, p.Query, to); again {
				add(nil, Several)
			}
		}
	}
	if p.Cookie != "" {
		c := p.joinCookies(s)
		if _, value, to, ok := pair(c, p.Cookie, 0); ok {
			add(c[value:to], One)
			if _, _, _, again := pair(c, p.Cookie, to); again {
				add(nil, Several)
			}
		}
	}
	return v, n
}

// inHeader looks at all values of the header at once, as the host joins them.
func (p *Place) inHeader() (v []byte, n Found) {
	all, ok := sdk.Property(p.joined)
	switch {
	case !ok:
		return nil, None
	case p.Scheme == "":
		return all, One
	case !begins(all, p.Scheme):
		return nil, p.behind(all)
	}
	return bytes.Trim(all[len(p.Scheme):], " "), One
}

// Joined says whether a credential is several values of a header.
func Joined(v []byte) bool { return bytes.IndexByte(v, ',') >= 0 }

// behind looks for the scheme behind the first value.
func (p *Place) behind(all []byte) Found {
	for len(all) > 0 {
		var one []byte
		one, all, _ = bytes.Cut(all, []byte(","))
		if begins(bytes.Trim(one, " \t"), p.Scheme) {
			return Several
		}
	}
	return None
}
