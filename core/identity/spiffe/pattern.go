// Package spiffe reads the patterns that say which SPIFFE IDs are meant.
//
// Start at [Parse].
package spiffe

import (
	"fmt"
	"strings"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
)

// Pattern says which SPIFFE IDs are meant: one, or all below a path.
type Pattern struct {
	id    spiffeid.ID // of the one, or what the others begin with
	below bool
}

// Parse reads "spiffe://example.org/web", which is one ID, or
// "spiffe://example.org/shop/*", which is every ID whose path has more segments
// behind those given; "spiffe://example.org/*" is the whole trust domain.
func Parse(s string) (Pattern, error) {
	name, below := strings.CutSuffix(s, "/*")
	id, err := spiffeid.FromString(name)
	switch {
	case err != nil:
		return Pattern{}, fmt.Errorf("%q is not a SPIFFE ID, nor one with /* at its end: %w", s, err)
	case !below && id.Path() == "":
		return Pattern{}, fmt.Errorf("%q is a trust domain, which nobody is; add a path, or /* for all of it", s)
	}
	return Pattern{id, below}, nil
}

// Matches says whether id is meant.
func (p Pattern) Matches(id spiffeid.ID) bool {
	if !p.below {
		return id == p.id
	}
	rest, ok := strings.CutPrefix(id.String(), p.id.String()+"/")
	return ok && rest != ""
}

// String is the pattern as it was read.
func (p Pattern) String() string {
	if p.below {
		return p.id.String() + "/*"
	}
	return p.id.String()
}
