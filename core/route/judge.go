package route

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/stream"
)

// Check is one thing that a match asks of a request.
type Check struct {
	Of   string // "host", "path", "method", "header", "query"
	Name string // of the header or the parameter
	Asks string // as configured: `path_prefix "/a"`, `"yes"`, "any of GET, HEAD"
	Met  bool
}

// Candidate is a route on one of its hosts, and what a request is to it.
type Candidate struct {
	Route  int    // index in the routes that were given
	Host   string // "*" for any
	Checks []Check
	Met    bool // all of them are
}

// Judge holds a request, whose path is in normal form, against each route that
// applies on side. The candidates come in the order in which routes win: the first
// that is met is the one that [Table.Match] finds. It is for those who want to know
// why, and takes its time.
func Judge(routes []config.Route, side string, h *stream.RequestHead) ([]Candidate, error) {
	var list []ranked
	for i := range routes {
		r := &routes[i]
		if len(r.On) > 0 && !slices.Contains(r.On, config.Side(side)) {
			continue
		}
		m, err := compile(&r.Match)
		if err != nil {
			return nil, wrong(routes, i, err)
		}
		checks, met := JudgeMatch(&config.Match{Path: r.Match.Path, PathPrefix: r.Match.PathPrefix, PathRegex: r.Match.PathRegex,
			PathTemplate: r.Match.PathTemplate, Methods: r.Match.Methods, Headers: r.Match.Headers, Query: r.Match.Query}, h)
		for _, host := range m.hosts {
			c := Candidate{Route: i, Host: host.String(), Met: met, Checks: checks}
			if !host.any() {
				on := meets(&config.Match{Hosts: []string{c.Host}}, h)
				c.Checks = append([]Check{{Of: "host", Asks: host.String(), Met: on}}, checks...)
				c.Met = c.Met && on
			}
			list = append(list, ranked{c, host, m})
		}
	}
	slices.SortStableFunc(list, ranked.compare)
	out := make([]Candidate, len(list))
	for i := range list {
		out[i] = list[i].Candidate
	}
	return out, nil
}

// ranked is a candidate and what its place depends on.
type ranked struct {
	Candidate
	host  hostPattern
	match *matcher
}

// compare orders candidates as the package's documentation says.
func (a ranked) compare(b ranked) int {
	return cmp.Or(
		cmp.Compare(b.host.rank(), a.host.rank()),
		cmp.Compare(a.match.path.kind, b.match.path.kind),
		slices.CompareFunc(a.match.path.segments, b.match.path.segments, func(x, y segment) int { return cmp.Compare(x.kind, y.kind) }),
		cmp.Compare(b.match.path.literal(), a.match.path.literal()),
		cmp.Compare(b.match.conditions(), a.match.conditions()),
		cmp.Compare(a.Route, b.Route),
	)
}

// rank is the higher the more specific a pattern is.
func (p hostPattern) rank() int {
	switch {
	case p.any():
		return 0
	case p.suffix:
		return len(p.name)
	}
	return maxHost + 1
}

// literal is how long the text is by which expressions and prefixes are told apart.
func (p *path) literal() int {
	if p.kind == pathRegex || p.kind == pathPrefix {
		return len(p.text)
	}
	return 0
}

// JudgeMatch holds a request against all that a match asks, one by one. A match
// that was found good when it was read is taken for granted.
func JudgeMatch(m *config.Match, h *stream.RequestHead) (checks []Check, met bool) {
	met = true
	add := func(c Check, one config.Match) {
		c.Met = meets(&one, h)
		checks, met = append(checks, c), met && c.Met
	}
	if len(m.Hosts) > 0 {
		add(Check{Of: "host", Asks: anyOf(m.Hosts)}, config.Match{Hosts: m.Hosts})
	}
	if p, err := compilePath(m); err == nil && p.kind != pathNone {
		add(Check{Of: "path", Asks: p.kind.String() + " " + p.source},
			config.Match{Path: m.Path, PathPrefix: m.PathPrefix, PathRegex: m.PathRegex, PathTemplate: m.PathTemplate})
	}
	if len(m.Methods) > 0 {
		add(Check{Of: "method", Asks: anyOf(m.Methods)}, config.Match{Methods: m.Methods})
	}
	for _, name := range sorted(m.Headers) {
		add(Check{Of: "header", Name: strings.ToLower(name), Asks: asks(m.Headers[name])}, config.Match{Headers: map[string]string{name: m.Headers[name]}})
	}
	for _, name := range sorted(m.Query) {
		add(Check{Of: "query", Name: name, Asks: asks(m.Query[name])}, config.Match{Query: map[string]string{name: m.Query[name]}})
	}
	return checks, met
}

// meets says whether a request is what a match asks.
func meets(m *config.Match, h *stream.RequestHead) bool {
	s, err := newSingle(m)
	if err != nil {
		return false
	}
	path, query, _ := bytes.Cut(h.Path, question)
	return s.matches(h, path, query)
}
