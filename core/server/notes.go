package server

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/order"
	"github.com/weirproxy/weir/core/proxy"
)

// notes are the rules that find what is accepted but hardly meant. A further one is a
// function and its line.
var notes = []func(*survey){noteGuards, noteNamed, noteUnused, noteLate, noteMissing, noteEncoded}

// survey is what rules look at.
type survey struct {
	cfg    *config.Config
	built  Builtins
	chains []looked
	found  []config.Problem
}

// looked is the chain of a route on one side: the side's filters and its own.
type looked struct {
	side  config.Side
	route *config.Route
	chain order.Chain
}

// note says what the rules find in a configuration that snap was made of, each thing once,
// in the order of the file.
func note(cfg *config.Config, built Builtins, snap *proxy.Snapshot, noted func(config.Problem)) {
	l := &survey{cfg: cfg, built: built}
	orders := ordersOf(cfg, snap)
	for _, side := range cfg.Role.Sides() {
		routes := cfg.RoutesFor(side)
		for i := range routes {
			c := looked{side: side, route: &routes[i]}
			for _, name := range config.LinkNames(slices.Concat(cfg.FiltersFor(side), routes[i].Filters)) {
				c.chain = append(c.chain, order.Link{Name: name, Order: orders[name]})
			}
			l.chains = append(l.chains, c)
		}
	}
	for _, rule := range notes {
		rule(l)
	}
	slices.SortStableFunc(l.found, func(a, b config.Problem) int { return cmp.Compare(a.Line, b.Line) })
	for _, p := range l.found {
		noted(p)
	}
}

// ordersOf is what the filters of a snapshot have said of their places. Nobody but filters
// of Proxy-Wasm can set properties, and those that are built in say all.
func ordersOf(cfg *config.Config, snap *proxy.Snapshot) map[string]*order.Order {
	orders := map[string]*order.Order{}
	for _, side := range snap.Sides {
		for _, r := range side.Routes {
			for _, link := range r.Chain.Links() {
				name, o := link.Filter.Name(), order.Order{Said: true}
				if f, ok := link.Filter.(interface{ Order() *order.Order }); ok {
					o = *f.Order()
				}
				o.Said = o.Said || cfg.Filters[name].Use != ""
				orders[name] = &o
			}
		}
	}
	return orders
}

func (l *survey) note(key, format string, args ...any) {
	p := l.cfg.Problem(key, fmt.Sprintf(format, args...))
	if !slices.Contains(l.found, p) {
		l.found = append(l.found, p)
	}
}

// eachList yields all lists of filters that requests pass, by their keys.
func (l *survey) eachList(yield func(key string, links []config.Link)) {
	yield(gatewayFilters, l.cfg.Gateway.Filters)
	yield(sidecarFilters, l.cfg.Sidecar.Filters)
	for i := range l.cfg.Routes {
		r := &l.cfg.Routes[i]
		yield(routeFilters(r), r.Filters)
	}
}

// The keys of lists of filters.
const (
	gatewayFilters = "gateway.filters"
	sidecarFilters = "sidecar.filters"
)

func routeFilters(r *config.Route) string { return fmt.Sprintf("routes[%d].filters", r.At) }

// listOf is the key of the list in which a chain has a filter.
func (c *looked) listOf(name string) string {
	switch {
	case slices.Contains(config.LinkNames(c.route.Filters), name):
		return routeFilters(c.route)
	case c.side == config.SideGateway:
		return gatewayFilters
	}
	return sidecarFilters
}
