package config

import (
	"fmt"
	"net/netip"
	"strings"
)

// Endpoint is one address of a cluster.
type Endpoint struct {
	// Address, "host:port".
	Address string `toml:"address" check:"is=endpoint"`
	// Its share beside others. Default 1.
	Weight int `toml:"weight" check:"optional,min=1,max=1000000"`
}

// Discover says where the endpoints of a cluster are asked for. One of file, dns,
// srv and provider. Where nothing is heard, what was known last stays in use.
type Discover struct {
	// File of endpoints, TOML or .json, relative to this file; it is read again when it changes.
	File string `toml:"file"`
	// Name and port, "orders.internal:8080": each A and AAAA record of the name is an endpoint.
	DNS string `toml:"dns" check:"is=dnsname"`
	// Name of SRV records, "_http._tcp.orders.internal": those of the least priority, with their ports and weights.
	SRV string `toml:"srv" check:"is=srvname"`
	// Name of the table of [providers] that is asked for service.
	Provider string `toml:"provider" check:"is=name"`
	// What the provider calls the service.
	Service string `toml:"service" check:"is=printable"`
	// DNS server that is asked, "host:port", an IP address. Default: those of the system.
	Server string `toml:"server" check:"is=ipport"`
	// How often names are asked for, give or take 10 %. Default "10s".
	Refresh Duration `toml:"refresh" check:"min=10ms,max=24h"`
	// How long a start or a reload waits for the first answer. Default "10s".
	Wait Duration `toml:"wait" check:"min=0s,max=5m"`
}

// Hash says what of a request chooses its endpoint. A filter's weir.hash_key
// stands above it.
type Hash struct {
	// "client_ip", "path" without the query, "header:NAME", "cookie:NAME". Requests without it go anywhere.
	By string `toml:"by" check:"min=1,is=hashby"`
}

func (d *Discover) preset(Side) { *d = Discover{Refresh: 10 * second, Wait: 10 * second} }

func (d *Discover) complete(dir string) { d.File = resolvePath(dir, d.File) }

// check finds out whether exactly one source is named, and keys that are for another.
func (d *Discover) check(r *report, key string) {
	var named []string
	for _, s := range [][2]string{{"file", d.File}, {"dns", d.DNS}, {"srv", d.SRV}, {"provider", d.Provider}} {
		if s[1] != "" {
			named = append(named, s[0])
		}
	}
	switch {
	case len(named) == 0:
		r.add(key, "names no source; add one of file, dns, srv, provider")
	case len(named) > 1:
		r.add(within(key, named[1]), "is given beside %s; leave one out", named[0])
	case d.Server != "" && (d.File != "" || d.Provider != ""):
		r.add(within(key, "server"), "has no meaning for a %s; it is for dns and srv", named[0])
	}
	switch {
	case d.Provider != "" && d.Service == "":
		r.add(within(key, "service"), "missing; say what the provider calls the service")
	case d.Service != "" && d.Provider == "":
		r.add(within(key, "service"), "is for a provider; add provider")
	}
}

// nameless says whether endpoints come without identities, as those of the file and
// those of the DNS do. d is nil for the former.
func (d *Discover) nameless() bool { return d == nil || d.DNS != "" || d.SRV != "" }

// checkEndpoints finds out where a cluster's endpoints come from.
func (c *Config) checkEndpoints(r *report, name string) {
	cl, key := c.Clusters[name], within("clusters", name)
	at := within(key, "endpoints")
	if cl.Discover != nil {
		cl.Discover.check(r, within(key, "discover"))
		if p := cl.Discover.Provider; p != "" && !c.hasProvider(p) {
			r.add(within(within(key, "discover"), "provider"), "there is no %s%s", entry("providers", p), DidYouMean(p, c.namesOf("providers")))
		}
		if cl.Endpoints != nil {
			r.add(at, "are given beside [%s]; leave one out", within(key, "discover"))
		}
	} else if len(cl.Endpoints) == 0 {
		r.add(at, "missing; name at least one address: [\"127.0.0.1:9000\"]")
	}
	seen := map[string]bool{}
	for i, e := range cl.Endpoints {
		switch {
		case e.Address == "":
			r.add(within(element(at, i), "address"), "missing; write it like \"127.0.0.1:8080\"")
		case seen[e.Address]:
			r.add(element(at, i), "%q is there twice", e.Address)
		}
		seen[e.Address] = true
	}
	if cl.Hash != nil && cl.Balance != "ring_hash" {
		r.add(within(key, "hash"), "has no meaning for balance = %q; it is for \"ring_hash\"", cl.Balance)
	}
	if name != AppCluster || c.Sidecar.App == "" {
		return
	}
	const beside = "given beside sidecar.app = %q, which is this cluster's endpoint; leave one out"
	if cl.Discover != nil {
		r.add(within(key, "discover"), "is "+beside, c.Sidecar.App)
	} else if n := len(cl.Endpoints); n > 1 || n == 1 && cl.Endpoints[0].Address != c.Sidecar.App {
		r.add(at, "are "+beside, c.Sidecar.App)
	}
}

// dnsNameWrong: a name, not an address, with a port.
func dnsNameWrong(s string) string {
	if wrong := endpointWrong(s); wrong != "" {
		return wrong
	}
	host, _, _ := split(s)
	if _, err := netip.ParseAddr(host); err == nil {
		return fmt.Sprintf("%q is an address, which nobody needs to ask for; write it into endpoints", s)
	}
	return ""
}

// srvNameWrong: a name without a port.
func srvNameWrong(s string) string {
	host, _, wrong := split(s)
	_, err := netip.ParseAddr(s)
	switch {
	case wrong == "":
		return fmt.Sprintf("%q has a port, which SRV records tell; did you mean %q?", s, host)
	case err == nil || !isHost(s):
		return fmt.Sprintf("%q is not a name; write it like \"_http._tcp.orders.internal\"", s)
	}
	return ""
}

// ipPortWrong: an IP address with a port.
func ipPortWrong(s string) string {
	if a, err := netip.ParseAddrPort(s); err != nil || a.Port() == 0 {
		return fmt.Sprintf("%q is not an IP address with a port; write it like \"10.0.0.2:53\"", s)
	}
	return ""
}

// hashByWrong: what of a request is hashed.
func hashByWrong(s string) string {
	kind, name, named := strings.Cut(s, ":")
	switch {
	case s == "client_ip", s == "path":
		return ""
	case named && kind == "header":
		return headerWrong(name)
	case named && kind == "cookie" && name != "":
		return tokenWrong(name)
	}
	return fmt.Sprintf("unknown value %q; it is client_ip, path, header:NAME or cookie:NAME", s)
}
