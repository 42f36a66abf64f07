// Package credential finds what a client proves itself by, such as an API key
// or a token, where a request may carry it: in a header, the query or a cookie.
//
// Start at [Place].
package credential

import (
	"bytes"
	"strings"

	"github.com/weirproxy/weir/filters/internal/form"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
)

// Place is where a credential may stand. Several are looked at in the order
// header, query, cookie.
type Place struct {
	Header string // in lower case
	Scheme string // in front of the credential in the header, "" for none
	Query  string
	Cookie string

	query, cookies []byte // what is put together; callbacks do not overlap
	joined         string // path of the property that has all values of the header
}

// Keys are those that Read knows.
var Keys = []string{"header", "scheme", "query", "cookie"}

// Read reads one of Keys. It answers false for another key.
func (p *Place) Read(r *jsonconf.Reader, key []byte) bool {
	switch string(key) {
	case "header":
		p.Header = r.HeaderName()
	case "scheme":
		if p.Scheme = r.String(); !r.Failed() && !jsonconf.Token(p.Scheme) {
			r.Fail(`must be a word such as "Bearer"`)
		}
	case "query":
		p.Query = parameterName(r)
	case "cookie":
		p.Cookie = parameterName(r)
	default:
		return false
	}
	return true
}

// parameterName reads the name of a query parameter or cookie, which must not
// need an escape.
func parameterName(r *jsonconf.Reader) string {
	v := r.String()
	if !r.Failed() && (!jsonconf.Token(v) || strings.ContainsAny(v, "%&+#")) {
		r.Fail("must be a name of letters, digits, - and _, not ", jsonconf.Quote(v))
	}
	return v
}

// Complete puts a header and scheme in where no place was given, and finds
// what does not fit together.
func (p *Place) Complete(r *jsonconf.Reader, header, scheme string) {
	if p.Header == "" && p.Query == "" && p.Cookie == "" {
		p.Header = header
		if p.Scheme == "" {
			p.Scheme = scheme
		}
	}
	if p.Scheme != "" && p.Header == "" {
		r.FailAt("scheme", `stands in front of what a header has; give "header", too`)
	}
	p.joined = "request\x00headers\x00" + p.Header
}

// Find is the first credential, valid until Remove or the callback's end.
func (p *Place) Find(s *sdk.Stream) (v []byte, ok bool) {
	if p.Header != "" {
		if v, ok := s.Request().Get(p.Header); ok {
			if v, ok = afterScheme(v, p.Scheme); ok && len(v) > 0 {
				return v, true
			}
		}
	}
	if p.Query != "" {
		if _, value, to, ok := parameter(s.Path(), p.Query, 0); ok {
			p.query = form.Unescape(p.query[:0], s.Path()[value:to])
			return p.query, true
		}
	}
	if p.Cookie != "" {
		c := p.joinCookies(s)
		if _, value, to, ok := pair(c, p.Cookie, 0); ok {
			return c[value:to], true
		}
	}
	return nil, false
}

// afterScheme cuts the scheme and blanks off, ignoring the scheme's case.
func afterScheme(v []byte, scheme string) ([]byte, bool) {
	if scheme == "" {
		return v, true
	}
	if !begins(v, scheme) || len(v) == len(scheme) || v[len(scheme)] != ' ' {
		return nil, false
	}
	return bytes.TrimLeft(v[len(scheme):], " "), true
}

// begins says whether v begins with a word, in any case.
func begins(v []byte, word string) bool {
	return len(v) >= len(word) && bytes.EqualFold(v[:len(word)], []byte(word)) &&
		(len(v) == len(word) || v[len(word)] == ' ' || v[len(word)] == '\t')
}

// Remove takes credentials out of the request, from every place where one may
// stand: the upstream has no use for them, and its logs even less.
func (p *Place) Remove(s *sdk.Stream) {
	if p.Header != "" {
		_ = s.Request().Del(p.Header)
	}
	if p.Query != "" {
		p.removeParameter(s)
	}
	if p.Cookie != "" {
		p.removeCookie(s)
	}
}
