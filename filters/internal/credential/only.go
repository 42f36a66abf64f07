package credential

import (
	"bytes"

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
// request without a credential.
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
		if from, to, ok := parameter(path, p.Query, 0); ok {
			p.query = unescape(p.query[:0], path[from+len(p.Query)+1:to])
			add(p.query, One)
			if _, _, again := parameter(path, p.Query, to); again {
				add(nil, Several)
			}
		}
	}
	if p.Cookie != "" {
		c := p.joinCookies(s)
		if from, to, ok := pair(c, p.Cookie, 0); ok {
			add(c[from+len(p.Cookie)+1:to], One)
			if _, _, again := pair(c, p.Cookie, to); again {
				add(nil, Several)
			}
		}
	}
	return v, n
}

// inHeader looks at all values of the header at once: the host joins them by
// commas, which no key or token has.
func (p *Place) inHeader() (v []byte, n Found) {
	all, ok := sdk.Property(p.joined)
	if !ok {
		return nil, None
	}
	if bytes.IndexByte(all, ',') >= 0 {
		return nil, p.inList(all)
	}
	if p.Scheme == "" {
		return all, One
	}
	if !begins(all, p.Scheme) {
		return nil, None
	}
	return bytes.Trim(all[len(p.Scheme):], " "), One
}

// inList answers Several unless all values are of other schemes.
func (p *Place) inList(all []byte) Found {
	if p.Scheme == "" {
		return Several
	}
	for len(all) > 0 {
		var one []byte
		one, all, _ = bytes.Cut(all, []byte(","))
		if begins(bytes.Trim(one, " \t"), p.Scheme) {
			return Several
		}
	}
	return None
}
