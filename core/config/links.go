package config

import "slices"

// Link is a place of a chain: a filter, and which requests it sees.
type Link struct {
	// Name of a filter.
	Name string `toml:"name" check:"is=name"`
	// The filter sees requests alone that are like this when they reach it. Default: all.
	When *Match `toml:"when"`
	// The filter does not see requests that are like this when they reach it. Default: it sees all.
	Unless *Match `toml:"unless"`
}

// Conditional says whether the filter sees some requests alone.
func (l *Link) Conditional() bool { return l.When != nil || l.Unless != nil }

// LinkNames are the filters of a chain, in its order.
func LinkNames(links []Link) []string {
	var names []string
	for i := range links {
		names = append(names, links[i].Name)
	}
	return names
}

// checkLinks finds filters that do not exist, or are there twice, and conditions
// that say nothing.
func (c *Config) checkLinks(r *report, links []Link, key string) {
	c.checkNames(r, LinkNames(links), key, "filters", c.hasFilter)
	for i := range links {
		l, at := &links[i], element(key, i)
		if l.Name == "" {
			r.add(at, "has no name; name a filter")
		}
		for _, m := range []struct {
			key   string
			match *Match
			all   string // what it comes to where it asks nothing
		}{{"when", l.When, "always runs"}, {"unless", l.Unless, "never runs"}} {
			switch {
			case m.match == nil:
			case m.match.asksNothing():
				r.add(within(at, m.key), "asks nothing, so that the filter %s; say which requests, or leave it out", m.all)
			default:
				checkMatch(r, m.match, within(at, m.key))
			}
		}
	}
}

// asksNothing says whether any request matches.
func (m *Match) asksNothing() bool {
	return m.Path+m.PathPrefix+m.PathRegex+m.PathTemplate == "" &&
		len(m.Hosts)+len(m.Methods)+len(m.Headers)+len(m.Query) == 0
}

// linked says whether a chain has a filter of that name.
func linked(links []Link, name string) bool {
	return slices.ContainsFunc(links, func(l Link) bool { return l.Name == name })
}

// Guarded says whether requests of a side meet filters of security: what goes past
// routes goes past those.
func (c *Config) Guarded(s Side) bool {
	links := slices.Clone(c.FiltersFor(s))
	for _, r := range c.RoutesFor(s) {
		links = append(links, r.Filters...)
	}
	return slices.ContainsFunc(links, func(l Link) bool { return c.Filters[l.Name].Security })
}
