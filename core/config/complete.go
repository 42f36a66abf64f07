package config

import (
	"fmt"
	"slices"
)

// unset marks, while a file is read, what the file may give but has not.
const unset = -1 << 62

// complete fills in what depends on other keys, and makes paths the working
// directory's.
func (c *Config) complete(s Side, dir string) {
	if c.Log.Access != "off" && c.Log.Access != "stdout" {
		c.Log.Access = resolvePath(dir, c.Log.Access)
	}
	if c.Wasm.Cache != "off" {
		c.Wasm.Cache = resolvePath(dir, c.Wasm.Cache)
	}
	if c.Modules.Folder != "off" {
		c.Modules.Folder = resolvePath(dir, c.Modules.Folder)
	}
	c.Modules.Roots = resolvePath(dir, c.Modules.Roots)
	for i := range c.Wasm.Keys {
		c.Wasm.Keys[i].File = resolvePath(dir, c.Wasm.Keys[i].File)
	}
	c.Errors.HTML = resolvePath(dir, c.Errors.HTML)
	c.Gateway.TLS.complete(dir)
	if c.Identity != nil {
		c.Identity.complete(dir)
	}
	c.completeMTLS()
	c.Trace.complete(dir)
	for _, cl := range c.Clusters {
		if cl.TLS != nil {
			cl.TLS.complete(dir)
		}
		if cl.Discover != nil {
			cl.Discover.complete(dir)
		}
	}
	for name, p := range c.Providers {
		p.complete(dir)
		c.Providers[name] = p
	}
	for name, f := range c.Filters {
		f.complete(dir)
		c.Filters[name] = f
	}
	for i := range c.Routes {
		c.Routes[i].complete(c, i)
	}
	for i := range c.TCP {
		c.TCP[i].complete(c, i)
	}
	c.addApp(s)
}

func (f *Filter) complete(dir string) {
	if fromFile(f.Module) {
		f.Module = resolvePath(dir, f.Module)
	}
	f.Signature = resolvePath(dir, f.Signature)
	if f.Use != "" && f.RootID == "" {
		f.RootID = f.Use
	}
}

func (r *Route) complete(c *Config, i int) {
	r.At = i
	if r.Name == "" {
		r.Name = fmt.Sprintf("route-%d", i+1)
	}
	if r.On == nil {
		r.On = c.Role.Sides()
	}
	if r.MaxBody == unset {
		r.MaxBody = c.Limits.Body
	}
	if r.Cluster == "" && r.Clusters == nil && slices.Equal(r.On, []Side{SideInbound}) {
		r.Cluster = AppCluster
	}
}

// addApp makes the cluster of the service beside us, or gives it its endpoint.
func (c *Config) addApp(s Side) {
	if c.Sidecar.App == "" {
		return
	}
	app, given := c.Clusters[AppCluster]
	if !given {
		app.preset(s)
	}
	if app.Endpoints == nil && app.Discover == nil {
		app.Endpoints = []Endpoint{{Address: c.Sidecar.App}}
	}
	if c.Clusters == nil {
		c.Clusters = map[string]Cluster{}
	}
	c.Clusters[AppCluster] = app
}

// join takes the sidecar's half of a gateway+sidecar: its limits, and its
// version of the routes. A route of both halves becomes two, since their
// defaults differ.
func (c *Config) join(beside *Config) {
	c.SidecarLimits, c.SidecarTimeouts = &beside.Limits, &beside.Timeouts
	var routes []Route
	for i, r := range c.Routes {
		if r.On = slices.DeleteFunc(slices.Clone(r.On), Side.mesh); len(r.On) > 0 {
			routes = append(routes, r)
		}
		m := beside.Routes[i]
		if m.On = slices.DeleteFunc(slices.Clone(m.On), Side.edge); len(m.On) > 0 {
			routes = append(routes, m)
		}
	}
	c.Routes = routes
}
