// Package isolate makes one route of a configuration a proxy by itself: its chain,
// with all that the filters of it need, between a port of the loopback interface
// and one server. What the chain costs is then what the proxy costs beside one
// without it.
//
// Start at [Find].
package isolate

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/config"
)

// Route is one of a configuration.
type Route struct {
	Name  string
	Side  config.Side
	Chain []config.Link // those of the side, then the route's own

	cfg   *config.Config
	route config.Route
}

// Find finds a route by name, "" for the only one there is.
func Find(cfg *config.Config, name string) (*Route, error) {
	var names []string
	for _, side := range cfg.Role.Sides() {
		for _, r := range cfg.RoutesFor(side) {
			if r.Name == name || name == "" && len(cfg.Routes) == 1 {
				return &Route{r.Name, side, slices.Concat(cfg.FiltersFor(side), r.Filters), cfg, r}, nil
			}
			if !slices.Contains(names, r.Name) {
				names = append(names, r.Name)
			}
		}
	}
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("there is no route for the role %q; --role chooses another", cfg.Role)
	case name == "":
		return nil, fmt.Errorf("there are several routes; choose one by --route: %s", strings.Join(names, ", "))
	}
	for _, r := range cfg.Routes {
		if r.Name == name {
			return nil, fmt.Errorf("the route %q is not one of the role %q; --role chooses another", name, cfg.Role)
		}
	}
	return nil, fmt.Errorf("there is no route %q; there are %s", name, strings.Join(names, ", "))
}

// Filters are the chain's, in order.
func (r *Route) Filters() []string { return config.LinkNames(r.Chain) }

// Options are what the proxy is like.
type Options struct {
	Origin      string // "host:port" of the server behind
	Without     string // a filter of the chain that is left out
	Bare        bool   // all are
	More        int    // routes before this one that no request matches
	AllowRemote bool   // filters may call clusters that are not on this machine
}

// base is the proxy that the route is put into.
const base = `version = 1
role = "gateway"
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = ""
[log]
level = "warn"
[timeouts]
drain = "1s"
drain_delay = "1ms"
[[routes]]
name = "bench"
cluster = %q
[clusters.%s]
endpoints = [%q]
`

// bench is the cluster of the server behind.
const bench = "bench"

// Config is the configuration of the proxy.
func (r *Route) Config(o Options) (*config.Config, error) {
	c, err := config.Parse("bench", fmt.Appendf(nil, base, bench, bench, o.Origin), config.Overrides{Role: config.RoleGateway})
	if err != nil {
		return nil, err
	}
	c.Node, c.Trust, c.Paths, c.Errors, c.Wasm, c.Modules = r.cfg.Node, r.cfg.Trust, r.cfg.Paths, r.cfg.Errors, r.cfg.Wasm, r.cfg.Modules
	c.Filters, c.Gateway.Filters = map[string]config.Filter{}, nil
	own := c.Routes[0]
	route := r.route
	route.On, route.Match, route.Cluster, route.Clusters, route.Filters = own.On, own.Match, own.Cluster, nil, nil
	for _, l := range r.Chain {
		if o.Bare || l.Name == o.Without {
			continue
		}
		route.Filters = append(route.Filters, l)
		c.Filters[l.Name] = r.cfg.Filters[l.Name]
	}
	c.Routes = nil
	for n := range o.More {
		more := own
		more.Name, more.Match = fmt.Sprintf("more-%d", n), config.Match{PathPrefix: fmt.Sprintf("/more/%d", n)}
		c.Routes = append(c.Routes, more)
	}
	c.Routes = append(c.Routes, route)
	return c, r.clusters(c, o)
}

// clusters gives the filters those that they know: those that they call as they
// are, the others with the server behind.
func (r *Route) clusters(c *config.Config, o Options) error {
	for name := range r.cfg.Clusters {
		c.Clusters[name] = c.Clusters[bench]
	}
	for _, filter := range slices.Sorted(maps.Keys(c.Filters)) {
		for _, name := range c.Filters[filter].Calls {
			cluster := r.cfg.Clusters[name]
			if where := remote(&cluster); where != "" && !o.AllowRemote {
				return fmt.Errorf("the filter %q calls the cluster %q, which is at %s and so may not be on this machine; --allow-remote lets it", filter, name, where)
			}
			c.Clusters[name] = cluster
		}
	}
	if o.AllowRemote {
		c.Providers = r.cfg.Providers
	}
	return nil
}

// remote is where a cluster is, "" if all of it is surely on this machine.
func remote(c *config.Cluster) string {
	if c.Discover != nil {
		return "what discovery finds"
	}
	for _, e := range c.Endpoints {
		if !Local(e.Address) {
			return e.Address
		}
	}
	return ""
}

// Local says whether an address, "host:port", is surely on this machine.
func Local(address string) bool {
	at, err := netip.ParseAddrPort(address)
	return err == nil && at.Addr().Unmap().IsLoopback() || strings.HasPrefix(address, "localhost:")
}
