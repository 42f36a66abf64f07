package route

import (
	"bytes"
	"slices"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/stream"
)

// Table finds the route of a request. It is immutable: any number of
// goroutines may use it.
type Table struct {
	exact    index[host] // by name
	suffixes index[host] // by what follows "*."
	labels   int         // of the longest suffix
	any      host
}

// New makes the table of those routes that apply on side: "gateway",
// "inbound" or "outbound". The error is [Problems]: each route that is malformed, or
// that no request can reach because another one matches the same.
func New(routes []config.Route, side string) (*Table, error) {
	t := &Table{}
	var rules []hosted
	var problems Problems
	taken := identities{}
	for i := range routes {
		r := &routes[i]
		if len(r.On) > 0 && !slices.Contains(r.On, config.Side(side)) {
			continue
		}
		m, err := compile(&r.Match)
		if err == nil {
			err = taken.claim(m, label(routes, i))
		}
		if err != nil {
			problems = append(problems, wrong(routes, i, err))
			continue
		}
		for _, h := range m.hosts {
			rules = append(rules, hosted{h, newRule(i, m)})
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	// Each rule is put before those of its host and path that are there.
	slices.SortStableFunc(rules, func(a, b hosted) int { return b.match.conditions() - a.match.conditions() })
	for i := len(rules) - 1; i >= 0; i-- {
		t.host(rules[i].host).add(&rules[i].rule)
	}
	return t, nil
}

// hosted is a rule and where it goes.
type hosted struct {
	host hostPattern
	rule
}

// host is the host of a pattern, made when it is new.
func (t *Table) host(p hostPattern) *host {
	if p.any() {
		return &t.any
	}
	hosts := &t.exact
	if p.suffix {
		hosts = &t.suffixes
		t.labels = max(t.labels, labels(p.name))
	}
	h := hosts.at(p.name)
	if *h == nil {
		*h = &host{}
	}
	return *h
}

// Match is the index, in the routes that the table was made of, of the route
// of a request whose path is in normal form. The parts of the route's path
// template are put into c, which may be nil.
func (t *Table) Match(h *stream.RequestHead, c *Captures) (index int, ok bool) {
	l := lookup{head: h, path: h.Path, captures: c}
	if c != nil {
		c.names = nil
	}
	if q := bytes.IndexByte(h.Path, '?'); q >= 0 {
		l.path, l.query = h.Path[:q], h.Path[q+1:]
	}
	r := t.find(&l)
	if r == nil {
		return 0, false
	}
	if c != nil {
		c.names = r.parts
	}
	return int(r.route), true
}

// find is the best rule, of the most specific host that has one.
func (t *Table) find(l *lookup) *rule {
	if !t.exact.empty() || !t.suffixes.empty() {
		if name := hostname(l.head.Authority); isLower(name) {
			if r := t.named(l, name); r != nil {
				return r
			}
		} else if r := t.folded(l, name); r != nil {
			return r
		}
	}
	return t.any.match(l)
}

// named is the best rule of the hosts that match name, which is lower case.
func (t *Table) named(l *lookup, name []byte) *rule {
	if h := t.exact.get(name); h != nil {
		if r := h.match(l); r != nil {
			return r
		}
	}
	if t.suffixes.empty() || len(name) == 0 {
		return nil
	}
	// What has more labels than the longest suffix needs no look. The first
	// label must not be empty.
	for at := max(1, tail(name, t.labels)); ; at++ {
		dot := bytes.IndexByte(name[at:], '.')
		if dot < 0 {
			return nil
		}
		at += dot
		if h := t.suffixes.get(name[at+1:]); h != nil {
			if r := h.match(l); r != nil {
				return r
			}
		}
	}
}

// folded is named for a name with upper-case letters.
func (t *Table) folded(l *lookup, name []byte) *rule {
	var b [maxHost]byte
	if len(name) > len(b) {
		return nil
	}
	lower := b[:copy(b[:], name)]
	stream.LowerInPlace(lower)
	return t.named(l, lower)
}
