package proxy

import (
	"net"

	"github.com/weirproxy/weir/core/cluster"
)

// Elsewhere is what a side does with requests of connections whose client meant to
// connect to somebody else, see Conn.Original.
type Elsewhere struct {
	// Route is of requests that no other is for. It has no cluster. nil: there is none.
	Route *Route
	// Named lets a request go to the host that its target names (the absolute form of
	// RFC 9112, section 3.2.2), as a proxy's clients write it.
	Named bool
	// Find is the cluster that a destination, "host:port", belongs to, nil for none.
	Find func(original string) *cluster.Cluster
	// Service is the TCP service of what is not HTTP.
	Service string
	// App is the cluster whose requests go to the port that was meant, where Find
	// knows it; nil for none.
	App *cluster.Cluster
}

// elsewhere finds the cluster of a request that no route is for.
func (x *exchange) elsewhere() (*Route, error) {
	e := x.side.Elsewhere
	if e == nil || e.Route == nil {
		return nil, errNoRoute
	}
	to := x.conn.Original
	if to == "" && e.Named && x.framing().Absolute {
		to = withPort(string(x.st.Request().Authority))
	}
	if to == "" {
		return nil, errNoRoute
	}
	if x.meant = e.Find(to); x.meant == nil {
		return nil, errNoRoute
	}
	return e.Route, nil
}

// withPort is an authority as an address, "" where it is none.
func withPort(authority string) string {
	if host, port, err := net.SplitHostPort(authority); err == nil && host != "" && port != "" {
		return authority
	}
	const http = ":80"
	if host, _, err := net.SplitHostPort(authority + http); err == nil && host != "" {
		return authority + http
	}
	return ""
}

// Knows says whether what comes to a side and is meant for a destination, "host:port",
// goes anywhere.
func (p *Proxy) Knows(side, destination string) bool {
	snap := p.current.acquire()
	defer snap.release()
	s := snap.Sides[side]
	switch {
	case s == nil || s.Elsewhere == nil:
		return false
	case s.Table.Knows([]byte(destination)) || s.Elsewhere.Find(destination) != nil:
		return true
	}
	host, _, _ := net.SplitHostPort(destination)
	t := snap.TCP.Services[s.Elsewhere.Service]
	return t != nil && (t.Cluster != nil || t.Names != nil && t.Names.Find(host) != nil)
}

// routed is the cluster of the request's route.
func (x *exchange) routed() *cluster.Cluster {
	c := x.route.Cluster
	if c == nil {
		return x.meant
	}
	if e := x.side.Elsewhere; e != nil && c == e.App && x.conn.Original != "" {
		if other := e.Find(x.conn.Original); other != nil {
			return other
		}
	}
	return c
}
