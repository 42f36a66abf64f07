package route

import (
	"fmt"
	"strings"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/stream"
)

// rule is a route on one of its hosts. It is small: a lookup that asks for
// host and path alone reads nothing else.
type rule struct {
	next  *rule // the next best with the same host and path
	match *matcher
	parts []string // names of the parts of the path template
	route int32    // index in the routes given
	free  bool     // host and path are all that is asked
}

func newRule(route int, m *matcher) rule {
	return rule{
		match: m, parts: m.path.parts, route: int32(route),
		free: m.conditions() == 0 && m.path.regex == nil,
	}
}

// push puts r at the head of a list.
func push(list **rule, r *rule) {
	r.next = *list
	*list = r
}

// matcher is a route's match, compiled.
type matcher struct {
	hosts   []hostPattern
	path    path
	methods []string
	headers []condition
	query   []condition
}

// conditions counts what a match asks beside host and path.
func (m *matcher) conditions() int {
	n := len(m.headers) + len(m.query)
	if len(m.methods) > 0 {
		n++
	}
	return n
}

// compile reads a match.
func compile(c *config.Match) (*matcher, error) {
	m := &matcher{hosts: []hostPattern{{}}}
	var err error
	if len(c.Hosts) > 0 {
		if m.hosts, err = compileHosts(c.Hosts); err != nil {
			return nil, err
		}
	}
	if m.path, err = compilePath(c); err != nil {
		return nil, err
	}
	if m.methods, err = compileMethods(c.Methods); err != nil {
		return nil, err
	}
	if m.headers, err = compileHeaders(c.Headers); err != nil {
		return nil, err
	}
	m.query, err = compileQuery(c.Query)
	return m, err
}

func compileHosts(hosts []string) ([]hostPattern, error) {
	var patterns []hostPattern
	seen := map[hostPattern]bool{}
	for _, s := range hosts {
		p, err := parseHost(s)
		if err != nil {
			return nil, err
		}
		if seen[p] {
			return nil, fmt.Errorf("hosts: %q is there twice", s)
		}
		seen[p] = true
		patterns = append(patterns, p)
	}
	return patterns, nil
}

func compileMethods(methods []string) ([]string, error) {
	seen := map[string]bool{}
	for _, m := range methods {
		switch upper := strings.ToUpper(m); {
		case !stream.ValidName([]byte(m)):
			return nil, fmt.Errorf("methods: %q is not a token", m)
		case m != upper && strings.Contains(" GET HEAD POST PUT PATCH DELETE OPTIONS TRACE QUERY ", " "+upper+" "):
			return nil, fmt.Errorf("methods: %q: methods are case-sensitive: write %q", m, upper)
		case seen[m]:
			return nil, fmt.Errorf("methods: %q is there twice", m)
		}
		seen[m] = true
	}
	return methods, nil
}
