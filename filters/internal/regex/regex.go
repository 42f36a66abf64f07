// Package regex reads what a filter replaces by regular expressions.
//
// Start at [Read].
package regex

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// Change puts With, in which $1 and ${name} stand for groups, in the place of
// what matches Pattern.
type Change struct {
	Pattern weir.Regex
	With    string
}

// maxWith is the host's bound of what is put in, in bytes.
const maxWith = 256

// Read reads a table of pattern and replace.
func Read(r *jsonconf.Reader) (c Change) {
	given := false
	r.Object(func(key []byte) {
		switch string(key) {
		case "pattern":
			c.Pattern = weir.Regex(r.String())
		case "replace":
			if c.With, given = r.String(), true; len(c.With) > maxWith {
				r.Fail("is longer than 256 bytes")
			}
		default:
			r.Unknown("pattern", "replace")
		}
	})
	if r.Failed() {
		return c
	}
	switch {
	case c.Pattern == "":
		r.Fail(`lacks "pattern": an RE2 expression`)
		return c
	case !given:
		r.Fail(`lacks "replace": what stands in the place of a match; "" takes it away`)
		return c
	}
	switch err := c.Pattern.Check(); err {
	case nil:
	case sdk.ErrNotFound:
		r.Fail("needs weir.regex, which only Weir has; use a prefix on this host")
	default:
		r.FailAt("pattern", "is no RE2 expression of at most 4096 bytes: ", jsonconf.Quote(string(c.Pattern)))
	}
	return c
}
