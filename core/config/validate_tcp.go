package config

import "slices"

// checkTCP checks each TCP service, and those that the sidecar names.
func (c *Config) checkTCP(r *report) {
	for i := range c.TCP {
		t, key := &c.TCP[i], element("tcp", i)
		switch {
		case slices.ContainsFunc(c.TCP[:i], func(o TCP) bool { return o.Name == t.Name }):
			r.add(within(key, "name"), "%q is the name of an earlier service too", t.Name)
		case t.Name == string(SideGateway) || t.Name == string(SideInbound) || t.Name == string(SideOutbound):
			r.add(within(key, "name"), "%q is what the listeners of HTTP are called in logs and metrics; choose another", t.Name)
		}
		c.checkService(r, t, key)
	}
	c.checkUnknownTo(r, "sidecar.inbound_tcp", c.Sidecar.InboundTCP, SideInbound)
	c.checkUnknownTo(r, "sidecar.outbound_tcp", c.Sidecar.OutboundTCP, SideOutbound)
}

// checkService finds what a service lacks.
func (c *Config) checkService(r *report, t *TCP, key string) {
	if len(t.On) == 0 {
		r.add(within(key, "on"), "is empty: the service applies nowhere; leave it out for all sides of the role")
	}
	for i, s := range t.On {
		if slices.Contains(t.On[:i], s) {
			r.add(element(within(key, "on"), i), "%q is there twice", s)
		}
	}
	if len(t.Listen) == 0 && t.Name != c.Sidecar.InboundTCP && t.Name != c.Sidecar.OutboundTCP {
		r.add(within(key, "listen"), "missing, and neither sidecar.inbound_tcp nor outbound_tcp names the service; name an address: [\"127.0.0.1:5432\"]")
	}
	c.checkNames(r, t.Filters, within(key, "filters"), "filters", c.hasFilter)
	if t.Cluster == "" && len(t.SNI) == 0 {
		r.add(within(key, "cluster"), "missing, and sni too; say where connections go%s", ifAny("; there is ", c.namesOf("clusters")))
	}
	c.checkServiceCluster(r, t, t.Cluster, within(key, "cluster"))
	seen := map[string]bool{}
	for i, n := range t.SNI {
		at := element(within(key, "sni"), i)
		if len(n.Hosts) == 0 {
			r.add(within(at, "hosts"), "missing; name the hosts: [\"*.example.com\"], or put the cluster into cluster")
		}
		for k, h := range n.Hosts {
			if seen[h] {
				r.add(element(within(at, "hosts"), k), "%q is there twice", h)
			}
			seen[h] = true
		}
		if n.Cluster == "" {
			r.add(within(at, "cluster"), "missing; say where connections go%s", ifAny("; there is ", c.namesOf("clusters")))
		}
		c.checkServiceCluster(r, t, n.Cluster, within(at, "cluster"))
	}
}

// checkServiceCluster finds a cluster that is not there.
func (c *Config) checkServiceCluster(r *report, t *TCP, name, key string) {
	_, applies := t.Side(c.Role)
	switch {
	case name == "" || c.hasCluster(name) || name == AppCluster && (c.lacksApp() || !applies):
	case name == AppCluster:
		r.add(key, "there is no app; set sidecar.app to the address of the service beside us")
	default:
		r.add(key, "there is no [%s]%s", within("clusters", name), DidYouMean(name, c.namesOf("clusters")))
	}
}

// checkUnknownTo finds a side whose other protocols go nowhere.
func (c *Config) checkUnknownTo(r *report, key, name string, side Side) {
	if name == "" {
		return
	}
	var names []string
	for i := range c.TCP {
		names = append(names, c.TCP[i].Name)
		if c.TCP[i].Name == name {
			if len(c.TCP[i].On) > 0 && !slices.Contains(c.TCP[i].On, side) {
				r.add(key, "%q is a service that does not apply here; add %q to its on", name, side)
			}
			return
		}
	}
	r.add(key, "there is no [[tcp]] of the name %q%s", name, DidYouMean(name, names))
}

// checkProxyHeader finds clusters that send a PROXY header and are shared by
// clients.
func (c *Config) checkProxyHeader(r *report) {
	for i := range c.Routes {
		rt, key := &c.Routes[i], element("routes", i)
		c.refuseHeader(r, rt.Cluster, within(key, "cluster"))
		for k, w := range rt.Clusters {
			c.refuseHeader(r, w.Name, within(element(within(key, "clusters"), k), "name"))
		}
	}
	for _, name := range sortedKeys(c.Filters) {
		for i, called := range c.Filters[name].Calls {
			c.refuseHeader(r, called, element(within(within("filters", name), "calls"), i))
		}
	}
}

func (c *Config) refuseHeader(r *report, name, key string) {
	if cl, ok := c.Clusters[name]; ok && cl.ProxyProtocol != "off" && cl.ProxyProtocol != "" {
		r.add(key, "%q has proxy_protocol = %q, whose header is about one client, but connections of HTTP are shared by clients; "+
			"use another cluster without it: X-Forwarded-For tells the client", name, cl.ProxyProtocol)
	}
}
