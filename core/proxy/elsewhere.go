package proxy

import "github.com/weirproxy/weir/core/cluster"

// Elsewhere is what a side does with requests of connections whose client meant to
// connect to somebody else, see Conn.Original.
type Elsewhere struct {
	// Route is of requests that no other is for. It has no cluster.
	Route *Route
	// Find is the cluster that a destination, "host:port", belongs to, nil for none.
	Find func(original string) *cluster.Cluster
	// App is the cluster whose requests go to the port that was meant, where Find
	// knows it; nil for none.
	App *cluster.Cluster
}

// elsewhere finds the cluster of a request that no route is for.
func (x *exchange) elsewhere() (*Route, error) {
	e := x.side.Elsewhere
	if e == nil || x.conn.Original == "" {
		return nil, errNoRoute
	}
	if x.meant = e.Find(x.conn.Original); x.meant == nil {
		return nil, errNoRoute
	}
	return e.Route, nil
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
