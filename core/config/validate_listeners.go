package config

import (
	"net/netip"
	"slices"
)

// listener is an address of the role.
type listener struct{ key, addr string }

// listeners are the addresses the role listens on, empty ones left out.
func (c *Config) listeners() []listener {
	var all []listener
	if c.Role.Has(SideGateway) {
		for i, a := range c.Gateway.Listen {
			all = append(all, listener{element("gateway.listen", i), a})
		}
		for i, a := range c.Gateway.TLSListen {
			all = append(all, listener{element("gateway.tls_listen", i), a})
		}
	}
	if c.Role.Has(SideInbound) {
		all = append(all, listener{"sidecar.inbound", c.Sidecar.Inbound}, listener{"sidecar.outbound", c.Sidecar.Outbound})
	}
	for i, t := range c.TCP {
		if _, applies := t.Side(c.Role); applies {
			for k, a := range t.Listen {
				all = append(all, listener{element(within(element("tcp", i), "listen"), k), a})
			}
		}
	}
	all = append(all, listener{"admin.listen", c.Admin.Listen})
	return slices.DeleteFunc(all, func(l listener) bool { return l.addr == "" })
}

// checkListeners finds what the role lacks, and addresses in each other's way.
func (c *Config) checkListeners(r *report) {
	if c.Role.Has(SideGateway) && len(c.Gateway.Listen)+len(c.Gateway.TLSListen) == 0 {
		r.add("gateway.listen", "is empty and tls_listen too, but the role is %s; name an address: [\":8080\"]", c.Role)
	}
	if c.Role.Has(SideInbound) {
		if c.lacksApp() {
			r.add("sidecar.app", "missing, but the role is %s; name the address of the service beside us, or set inbound = \"\"", c.Role)
		}
		if c.Sidecar.Inbound == "" && c.Sidecar.Outbound == "" {
			r.add("sidecar.inbound", "is empty and outbound too, but the role is %s; name one of them", c.Role)
		}
	}
	all := c.listeners()
	for i, l := range all {
		for _, earlier := range all[:i] {
			if collide(l.addr, earlier.addr) {
				r.add(l.key, "%q is taken by %s, %q", l.addr, earlier.key, earlier.addr)
				break
			}
		}
		if l.key != "admin.listen" && c.Role.Has(SideInbound) && collide(l.addr, c.Sidecar.App) {
			r.add("sidecar.app", "%q is our own listener %s; it would send requests to itself", c.Sidecar.App, l.key)
		}
	}
}

// lacksApp says whether there is a listener for an app that is not there.
func (c *Config) lacksApp() bool {
	return c.Role.Has(SideInbound) && c.Sidecar.Inbound != "" && c.Sidecar.App == ""
}

// collide says whether two addresses cannot both be listened on.
func collide(a, b string) bool {
	hostA, portA, wrongA := split(a)
	hostB, portB, wrongB := split(b)
	if wrongA != "" || wrongB != "" || portA != portB || portA == 0 {
		return false
	}
	return hostA == hostB || everyHost(hostA) || everyHost(hostB)
}

// everyHost says whether a listener's host means all addresses.
func everyHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "" || err == nil && a.IsUnspecified()
}
