package received

import (
	"slices"
	"strings"
)

// Tree is the spans of a trace, a line each, children below their parents by the order
// in which they began, two blanks deeper. A span whose parent is not there is a root.
// label is what a line says of a span.
func Tree(spans []Span, label func(Span) string) string {
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b Span) int {
		switch {
		case a.StartTimeUnixNano < b.StartTimeUnixNano:
			return -1
		case a.StartTimeUnixNano > b.StartTimeUnixNano:
			return 1
		}
		return 0
	})
	var out strings.Builder
	var below func(parent, indent string)
	below = func(parent, indent string) {
		for _, s := range spans {
			if s.Parent() == parent {
				out.WriteString(indent + label(s) + "\n")
				below(s.ID(), indent+"  ")
			}
		}
	}
	known := map[string]bool{}
	for _, s := range spans {
		known[s.ID()] = true
	}
	var roots []string
	for _, s := range spans {
		if p := s.Parent(); !known[p] && !slices.Contains(roots, p) {
			roots = append(roots, p)
		}
	}
	for _, p := range roots {
		below(p, "")
	}
	return out.String()
}
