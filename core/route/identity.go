package route

import (
	"fmt"
	"slices"
	"strings"
)

// identities finds routes that no request can reach, because earlier ones
// match the same: it maps each host, path, method and condition that was
// claimed to the label of its route.
type identities map[string]string

// claim enters a route's match, and fails when all of it is taken.
func (ids identities) claim(m *matcher, label string) error {
	methods := m.methods
	if len(methods) == 0 {
		methods = []string{""}
	}
	owner, free := "", false
	for _, h := range m.hosts {
		common := fmt.Sprintf("%q %q %q", h, m.path.identity(), conditionIdentity(m))
		for _, method := range methods {
			key := method + " " + common
			if other, taken := ids[key]; taken {
				owner = other
				continue
			}
			ids[key], free = label, true
		}
	}
	if !free {
		return fmt.Errorf("cannot be reached: %s matches the same requests: remove one of them", owner)
	}
	return nil
}

// identity is equal for paths that match the same. The names of a template's
// parts make no difference.
func (p *path) identity() string {
	var b strings.Builder
	b.WriteString(p.kind.String())
	if p.kind != pathTemplate {
		return b.String() + " " + p.source
	}
	for _, s := range p.segments {
		switch s.kind {
		case segmentLiteral:
			b.WriteString("/" + s.text)
		case segmentPart:
			b.WriteString("/{}")
		case segmentRest:
			b.WriteString("/{...}")
		}
	}
	return b.String()
}

func conditionIdentity(m *matcher) string {
	var keys []string
	for _, c := range m.headers {
		keys = append(keys, fmt.Sprintf("header %q %q", c.name, c.source))
	}
	for _, c := range m.query {
		keys = append(keys, fmt.Sprintf("query %q %q", c.name, c.source))
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}
