package route

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// segmentKind is what a template's segment matches.
type segmentKind uint8

const (
	segmentLiteral segmentKind = iota
	segmentPart                // one segment, not empty
	segmentRest                // all that is left, which may be empty
)

type segment struct {
	kind segmentKind
	text string // literal text, or the part's name
}

// cutSegment takes the first segment off a text that begins with its slash.
func cutSegment(text string) (first, rest string) {
	if i := strings.IndexByte(text[1:], '/'); i >= 0 {
		return text[1 : i+1], text[i+1:]
	}
	return text[1:], ""
}

// parseTemplate reads "/users/{id}/orders/{rest...}".
func parseTemplate(text string) (segments []segment, parts []string, err error) {
	for rest := text; rest != ""; {
		var s string
		s, rest = cutSegment(rest)
		inner, isPart := strings.CutPrefix(s, "{")
		inner, closed := strings.CutSuffix(inner, "}")
		if !isPart || !closed {
			if strings.ContainsAny(s, "{}") {
				return nil, nil, fmt.Errorf("segment %q: a {part} is a whole segment", s)
			}
			if err := checkLiteral("/" + s); err != nil {
				return nil, nil, err
			}
			segments = append(segments, segment{segmentLiteral, s})
			continue
		}
		kind := segmentPart
		name, isRest := strings.CutSuffix(inner, "...")
		if isRest {
			kind = segmentRest
		}
		switch {
		case isRest && rest != "":
			return nil, nil, fmt.Errorf("%q must be the last segment", s)
		case !validPart(name):
			return nil, nil, fmt.Errorf("%q: a part's name is letters, digits and underscores, and does not begin with a digit", s)
		case slices.Contains(parts, name):
			return nil, nil, fmt.Errorf("two parts are called %q", name)
		}
		segments, parts = append(segments, segment{kind, name}), append(parts, name)
	}
	switch {
	case len(parts) == 0:
		return nil, nil, errors.New("has no {part}: use path")
	case len(parts) > maxParts:
		return nil, nil, fmt.Errorf("has %d parts, more than %d", len(parts), maxParts)
	}
	return segments, parts, nil
}

func validPart(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c == '_' || c|' ' >= 'a' && c|' ' <= 'z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// template is the list of the rules of a template below n.
func (n *node) template(segments []segment) **rule {
	for _, s := range segments {
		switch s.kind {
		case segmentLiteral:
			n = n.child(s.text)
		case segmentPart:
			if n.wild == nil {
				n.wild = &node{}
			}
			n = n.wild
		case segmentRest:
			return &n.rest
		}
	}
	return &n.end
}

// matchTemplate is the rule of the best template, where n is the deepest
// literal node: leaving it for a wildcard later is leaving it more specifically.
func (n *node) matchTemplate(l *lookup) *rule {
	for ; n != nil; n = n.parent {
		if n.wild == nil && n.rest == nil || n.size == len(l.path) {
			continue
		}
		if r := n.wildcard(l, n.size, 0); r != nil {
			return r
		}
	}
	return nil
}

// match is the rule of the best template below n, which takes path to at;
// parts were captured on the way.
func (n *node) match(l *lookup, at, parts int) *rule {
	if at == len(l.path) {
		return l.first(n.end)
	}
	if !n.children.empty() {
		end := segmentEnd(l.path, at)
		if c := n.children.get(l.path[at+1 : end]); c != nil {
			if r := c.match(l, end, parts); r != nil {
				return r
			}
		}
	}
	return n.wildcard(l, at, parts)
}

// wildcard goes on from n by {part}, then by {rest...}.
func (n *node) wildcard(l *lookup, at, parts int) *rule {
	if n.wild != nil {
		if end := segmentEnd(l.path, at); end > at+1 {
			l.captures.set(parts, at+1, end)
			if r := n.wild.match(l, end, parts+1); r != nil {
				return r
			}
		}
	}
	if n.rest == nil {
		return nil
	}
	l.captures.set(parts, at+1, len(l.path))
	return l.first(n.rest)
}
