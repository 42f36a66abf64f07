package config

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// checkRoutes checks each route, and that names are unique on each side.
func (c *Config) checkRoutes(r *report) {
	taken := map[Side]map[string]bool{SideGateway: {}, SideInbound: {}, SideOutbound: {}}
	for i := range c.Routes {
		rt, key := &c.Routes[i], element("routes", i)
		c.checkRoute(r, rt, key)
		if slices.ContainsFunc(rt.On, func(s Side) bool { return taken[s][rt.Name] }) {
			r.add(within(key, "name"), "%q is the name of an earlier route too", rt.Name)
		}
		for _, s := range rt.On {
			if names := taken[s]; names != nil {
				names[rt.Name] = true
			}
		}
	}
}

// checkRoute finds what a route lacks and keys that exclude each other.
func (c *Config) checkRoute(r *report, rt *Route, key string) {
	if len(rt.On) == 0 {
		r.add(within(key, "on"), "is empty: the route applies nowhere; leave it out for all sides of the role")
	}
	for i, s := range rt.On {
		if slices.Contains(rt.On[:i], s) {
			r.add(element(within(key, "on"), i), "%q is there twice", s)
		}
	}
	checkMatch(r, &rt.Match, within(key, "match"))
	c.checkLinks(r, rt.Filters, within(key, "filters"))
	c.checkRepeated(r, rt, key)
	c.checkTarget(r, rt, key)
	if rt.Timeout != Off && rt.PerTry > rt.Timeout {
		r.add(within(key, "per_try"), "%v is longer than the whole response may take, timeout = %q", rt.PerTry, rt.Timeout)
	}
}

// checkMatch finds more than one way to match a path, and a header twice.
func checkMatch(r *report, m *Match, key string) {
	first := ""
	for _, way := range []struct{ name, value string }{
		{"path", m.Path}, {"path_prefix", m.PathPrefix}, {"path_regex", m.PathRegex}, {"path_template", m.PathTemplate},
	} {
		switch {
		case way.value == "":
		case first == "":
			first = way.name
		default:
			r.add(within(key, way.name), "is given beside %s; keep one of them", first)
		}
	}
	checkLiteral(r, "path", m.Path, key)
	checkLiteral(r, "path_prefix", m.PathPrefix, key)
	seen := map[string]string{}
	for _, name := range sortedKeys(m.Headers) {
		if other, ok := seen[strings.ToLower(name)]; ok {
			r.add(within(within(key, "headers"), name), "is %q in other letters; keep one of them", other)
		}
		seen[strings.ToLower(name)] = name
	}
}

var parts = regexp.MustCompile(`/\{\w+(\.\.\.)?\}`)

// checkLiteral finds patterns where the path itself is asked for: they would be looked
// for as they stand, and no request would come.
func checkLiteral(r *report, name, path, key string) {
	above, all := strings.CutSuffix(path, "/*")
	switch {
	case all:
		r.add(within(key, name), "%q asks for an asterisk in the request's path; did you mean path_prefix = %q?", path, cmp.Or(above, "/"))
	case parts.MatchString(path):
		r.add(within(key, name), "%q asks for braces in the request's path; did you mean path_template = %q?", path, path)
	}
}

// checkRepeated finds filters that would run twice.
func (c *Config) checkRepeated(r *report, rt *Route, key string) {
	for i, name := range LinkNames(rt.Filters) {
		for _, s := range rt.On {
			if linked(c.FiltersFor(s), name) {
				table := pick(s, "gateway", "sidecar")
				r.add(element(within(key, "filters"), i), "%q is in %s.filters already and would run twice; leave one out", name, table)
				break
			}
		}
	}
}

// checkTarget finds routes that lead nowhere.
func (c *Config) checkTarget(r *report, rt *Route, key string) {
	switch {
	case rt.Cluster != "" && len(rt.Clusters) > 0:
		r.add(within(key, "clusters"), "is given beside cluster; keep one of them")
	case rt.Cluster == "" && len(rt.Clusters) == 0 && !c.answers(rt):
		r.add(within(key, "cluster"), "missing, and clusters too; say where requests go%s", ifAny("; there is ", c.namesOf("clusters")))
	}
	switch {
	case rt.Cluster == "" || c.hasCluster(rt.Cluster) || c.idleApp(rt):
	case rt.Cluster == AppCluster:
		r.add(within(key, "cluster"), "there is no app; set sidecar.app to the address of the service beside us")
	default:
		r.add(within(key, "cluster"), "there is no [%s]%s", within("clusters", rt.Cluster), DidYouMean(rt.Cluster, c.namesOf("clusters")))
	}
	var names []string
	sum := 0
	for i, w := range rt.Clusters {
		at := within(element(within(key, "clusters"), i), "name")
		switch {
		case w.Name == "":
			r.add(at, "missing; name a cluster")
		case !c.hasCluster(w.Name):
			r.add(at, "there is no [%s]%s", within("clusters", w.Name), DidYouMean(w.Name, c.namesOf("clusters")))
		case slices.Contains(names, w.Name):
			r.add(at, "%q is there twice; add up its weights", w.Name)
		}
		names, sum = append(names, w.Name), sum+w.Weight
	}
	if len(rt.Clusters) > 0 && sum <= 0 {
		r.add(within(key, "clusters"), "have no weight at all; give one of them some")
	}
}

// answers says whether a filter of the route is one whose work is to answer requests
// itself, so that none need go anywhere.
func (c *Config) answers(rt *Route) bool {
	return slices.ContainsFunc(rt.Filters, func(l Link) bool {
		use := c.Filters[l.Name].Use
		return use == "redirect" || use == "respond"
	})
}

// idleApp says whether a route may name the app though there is none: where
// the role has none of the route's sides, since a file for both roles need not
// say which app until it runs beside one, and where sidecar.app is reported.
func (c *Config) idleApp(rt *Route) bool {
	return rt.Cluster == AppCluster && (c.lacksApp() || !slices.ContainsFunc(rt.On, c.Role.Has))
}

// ifAny is a list of names behind text, "" for none.
func ifAny(text string, names []string) string {
	if len(names) == 0 || len(names) > 8 {
		return ""
	}
	return text + list(names)
}
