package config

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Validate is all that is wrong with the configuration, a [Problems] without
// files and lines, or nil. What Load gives is valid.
func (c *Config) Validate() error {
	if problems := c.check(); len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(a.Key, b.Key) })
		return problems
	}
	return nil
}

// check looks at each key by itself, then at what keys have to do with each other.
func (c *Config) check() Problems {
	r := &report{}
	r.checkStruct(reflect.ValueOf(c).Elem(), "")
	c.checkListeners(r)
	c.checkGatewayTLS(r)
	c.checkIdentity(r)
	c.checkLinks(r, c.Gateway.Filters, "gateway.filters")
	c.checkLinks(r, c.Sidecar.Filters, "sidecar.filters")
	for _, name := range sortedKeys(c.Filters) {
		c.checkFilter(r, c.Filters[name], within("filters", name))
	}
	for _, name := range sortedKeys(c.Providers) {
		p := c.Providers[name]
		p.check(r, within("providers", name))
	}
	for _, name := range sortedKeys(c.Clusters) {
		c.checkCluster(r, name)
	}
	c.checkStore(r)
	c.checkRoutes(r)
	c.checkTCP(r)
	c.checkIntercept(r)
	c.checkProxyHeader(r)
	c.Overload.check(r)
	c.Trace.check(r)
	c.checkKeys(r)
	return r.found
}

// checkNames finds names that nothing has, and names that are there twice.
func (c *Config) checkNames(r *report, names []string, key, table string, has func(string) bool) {
	for i, name := range names {
		at := element(key, i)
		switch {
		case name == "":
			continue // found empty already
		case !has(name):
			r.add(at, "there is no %s%s", entry(table, name), cmp.Or(DidYouMean(name, c.namesOf(table)), "; add it"))
		case slices.Contains(names[:i], name):
			r.add(at, "%q is there twice", name)
		}
	}
}

func (c *Config) hasFilter(name string) bool  { _, ok := c.Filters[name]; return ok }
func (c *Config) hasCluster(name string) bool { _, ok := c.Clusters[name]; return ok }

func (c *Config) hasProvider(name string) bool { _, ok := c.Providers[name]; return ok }

// entry is how a file has what is of that name.
func entry(table, name string) string {
	if table == keysTable {
		return fmt.Sprintf("key %q in %s", name, table)
	}
	return "[" + within(table, name) + "]"
}

// keysTable is the array of keys, whose names are looked up as tables' are.
const keysTable = "wasm.keys"

// namesOf are the names of a table, in order.
func (c *Config) namesOf(table string) []string {
	switch table {
	case "filters":
		return slices.Sorted(maps.Keys(c.Filters))
	case "providers":
		return slices.Sorted(maps.Keys(c.Providers))
	case keysTable:
		var names []string
		for _, k := range c.Wasm.Keys {
			names = append(names, k.Name)
		}
		return slices.Sorted(slices.Values(names))
	}
	return slices.Sorted(maps.Keys(c.Clusters))
}

// checkCluster finds keys of a cluster that do not go together.
func (c *Config) checkCluster(r *report, name string) {
	cl, key := c.Clusters[name], within("clusters", name)
	c.checkEndpoints(r, name)
	if cl.Protocol == "auto" && cl.TLS == nil {
		r.add(within(key, "protocol"), "is \"auto\", which is settled in the handshake of TLS; add [%s], or name the protocol", within(key, "tls"))
	}
	if cl.TLS != nil {
		cl.TLS.check(r, within(key, "tls"))
		cl.TLS.checkMesh(r, within(key, "tls"), cl.Discover.nameless())
	}
	if cl.Health != nil {
		cl.Health.check(r, within(key, "health"))
		if cl.Health.Kind == "grpc" && cl.Protocol == "http1" {
			r.add(within(within(key, "health"), "kind"), "is \"grpc\", which is spoken over HTTP/2; add protocol = \"http2\" to the cluster, or \"auto\" where it has tls")
		}
	}
	if cl.Outlier != nil {
		cl.Outlier.check(r, within(key, "outlier"))
	}
}
