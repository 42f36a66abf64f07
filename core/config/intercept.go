package config

import (
	"net/netip"
	"strconv"
)

// Intercept says how connections come to the sidecar that were meant for others.
type Intercept struct {
	// "redirect": the kernel redirects them, and is asked where each was going; "off".
	// Default "off".
	Mode string `toml:"mode" check:"oneof=off|redirect"`
	// What "weir intercept" sets up: "nftables" or "iptables". Default "nftables".
	Backend string `toml:"backend" check:"oneof=nftables|iptables"`
	// Number that our own sockets are marked with, so that they are not redirected, which
	// needs the capability CAP_NET_ADMIN; 0 for none. Default 15001.
	Mark int `toml:"mark" check:"min=0,max=2147483647"`
	// What is spoken to a port that a client meant, by its number: "http", "tcp" for what is
	// not looked at, as for protocols whose server speaks first, or "detect". Default "detect".
	Ports map[string]string `toml:"ports" check:"keys=port,oneof=http|tcp|detect"`
	// What is not redirected, beside our own connections and those of the machine to itself.
	Exclude Exclude `toml:"exclude"`
}

// Values of Intercept.Mode.
const (
	InterceptOff      = "off"
	InterceptRedirect = "redirect"
)

// Exclude is what is not redirected.
type Exclude struct {
	// Numbers of users whose connections go as they are. Default none.
	UIDs []int `toml:"uids" check:"min=0,max=4294967294"`
	// Numbers of groups. Default none.
	GIDs []int `toml:"gids" check:"min=0,max=4294967294"`
	// Ports of this machine that others reach as they are. Default none.
	InboundPorts []int `toml:"inbound_ports" check:"min=1,max=65535"`
	// Ports that the app reaches as they are. Default none.
	OutboundPorts []int `toml:"outbound_ports" check:"min=1,max=65535"`
	// Networks (CIDR) that the app reaches as they are. Default none.
	Networks []string `toml:"networks" check:"is=cidr"`
}

// On says whether connections come redirected.
func (i *Intercept) On() bool { return i.Mode == InterceptRedirect }

// portWrong: the number of a port, in its one form.
func portWrong(s string) string {
	if n, err := strconv.ParseUint(s, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != s {
		return strconv.Quote(s) + " is not a port, 1 to 65535"
	}
	return ""
}

// checkIntercept finds a sidecar that would be everybody's proxy, or redirect its own
// connections to itself.
func (c *Config) checkIntercept(r *report) {
	if !c.Role.Has(SideOutbound) {
		return
	}
	s := &c.Sidecar
	if s.Unknown == "pass" && s.Outbound != "" && !Loopback(s.Outbound) {
		r.add("sidecar.unknown", "is \"pass\", but outbound listens on %q: whoever reaches it could use it as a proxy to anywhere; "+
			"let outbound be a loopback address", s.Outbound)
	}
	if !s.Intercept.On() {
		return
	}
	if s.Outbound != "" && !Loopback(s.Outbound) {
		r.add("sidecar.outbound", "%q is not where redirected connections come to, since mode is \"redirect\"; let it be \"127.0.0.1\" and a port", s.Outbound)
	}
	if s.Intercept.Mark == 0 && len(s.Intercept.Exclude.UIDs)+len(s.Intercept.Exclude.GIDs) == 0 {
		r.add("sidecar.intercept.mark", "is 0, and exclude names no user and no group: our own connections would be redirected to us; set a mark, or exclude.uids")
	}
}

// Loopback says whether an address, "host:port", is the machine's own alone.
func Loopback(addr string) bool {
	host, _, wrong := split(addr)
	ip, err := netip.ParseAddr(host)
	return wrong == "" && (host == "localhost" || err == nil && ip.IsLoopback())
}

// PassName is what clusters and the route are called in logs and metrics of what goes
// where its client meant to, and is nobody's.
const PassName = "passthrough"

// PassRoute is the route of such requests.
func PassRoute(s Side) Route {
	r := Route{Name: PassName, On: []Side{s}}
	r.preset(s)
	r.Timeout, r.MaxBody = Off, 0
	r.Retries.Max = 0
	return r
}

// PassService is the TCP service of such connections. It has the name of its side.
func PassService(s Side) TCP {
	t := TCP{Name: string(s), On: []Side{s}}
	t.preset(s)
	t.Retries = 0
	return t
}

// PassCluster is the cluster of one destination, "host:port".
func PassCluster(addr string) Cluster {
	var c Cluster
	c.preset(SideOutbound)
	c.Endpoints = []Endpoint{{Address: addr}}
	return c
}
