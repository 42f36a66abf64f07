package authz

import (
	"bytes"

	"github.com/weirproxy/weir/sdk"
)

// is says whether a value is one of a condition's.
func (r *rules) is(c *condition, value []byte, fold bool) bool {
	for i := c.from; i < c.to; i++ {
		a := &r.alternatives[i]
		if a.form == anything {
			return true
		}
		if want := r.at(a.fixed); string(want) == string(value) || fold && bytes.EqualFold(want, value) {
			return true
		}
	}
	return false
}

// header looks at every field of a name. To allow, all must be as wanted: which
// one an upstream takes is not known. To deny, one is enough, and one element of
// a list in it.
func (r *rules) header(c *condition, f *facts, deny bool) bool {
	if f.connection {
		return deny
	}
	f.beyond = f.beyond || !c.told
	joined, seen := sdk.Property(view(r.at(c.name)))
	switch {
	case !seen:
		return false
	case bytes.IndexByte(joined, ',') < 0: // there is one, and it is no list
		return deny && r.anyElement(c, joined) || !deny && r.is(c, joined, false)
	}
	seen = false
	name := r.field(c)
	for n, value := range f.stream.Request().All() {
		if string(n) != string(name) {
			continue
		}
		seen = true
		switch {
		case deny && r.anyElement(c, value):
			return true
		case !deny && !r.is(c, value, false):
			return false
		}
	}
	return seen && !deny
}

// fieldPrefix begins the property that has all values of a field, with commas.
const fieldPrefix = "request\x00headers\x00"

// fieldProperty is that property. HTTP/2 has no field "host", and so has no head here.
func fieldProperty(name string) string {
	if name == "host" {
		name = authority
	}
	return fieldPrefix + name
}

const authority = ":authority"

// field is the name of the field that a condition looks at.
func (r *rules) field(c *condition) []byte { return r.at(c.name)[len(fieldPrefix):] }

// anyElement looks at a field's value, and at each part of it between commas.
func (r *rules) anyElement(c *condition, value []byte) bool {
	if r.is(c, value, true) {
		return true
	}
	for more := true; more; {
		var one []byte
		one, value, more = bytes.Cut(value, comma)
		if r.is(c, bytes.TrimSpace(one), true) {
			return true
		}
	}
	return false
}

var comma, blank = []byte(","), []byte(" ")

// claim looks at a claim of the client's token: a text, a list of texts of which
// one is enough, or the words of "scope" (RFC 8693, section 4.2).
func (r *rules) claim(c *condition, f *facts, deny bool) bool {
	if f.connection {
		return deny
	}
	name := view(r.at(c.name))
	value, ok := sdk.Property(name)
	switch {
	case !ok || len(value) == 0:
		return false
	case name == claimPrefix+"scope":
		for more := true; more; {
			var word []byte
			if word, value, more = bytes.Cut(value, blank); len(word) > 0 && r.is(c, word, false) {
				return true
			}
		}
		return false
	case value[0] == '[':
		found, whole := r.listed(c, value)
		return whole && found || !whole && deny
	}
	return r.is(c, value, false)
}

// claimPrefix begins the properties in which the filter "jwt" leaves claims.
const claimPrefix = "weir.claim."

// listed looks for a text in a JSON list. whole is false where the list holds
// anything that cannot be compared as it stands.
func (r *rules) listed(c *condition, list []byte) (found, whole bool) {
	b := bytes.TrimSpace(list)
	if len(b) < 2 || b[0] != '[' || b[len(b)-1] != ']' {
		return false, false
	}
	for b = bytes.TrimSpace(b[1 : len(b)-1]); len(b) > 0; {
		if b[0] != '"' {
			return false, false
		}
		end := bytes.IndexByte(b[1:], '"')
		if end < 0 || bytes.IndexByte(b[1:end+1], '\\') >= 0 {
			return false, false
		}
		found = found || r.is(c, b[1:end+1], false)
		b = bytes.TrimSpace(b[end+2:])
		switch {
		case len(b) == 0:
		case b[0] != ',':
			return false, false
		default:
			if b = bytes.TrimSpace(b[1:]); len(b) == 0 {
				return false, false
			}
		}
	}
	return found, true
}
