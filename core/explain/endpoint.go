package explain

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/proxy"
)

// maxEndpoints bounds those that are shown.
const maxEndpoints = 50

// describe says which endpoint of a cluster the request would get.
func (x *inquiry) describe(name string) (out Cluster, ok bool) {
	c, t := x.cluster(name), x.Config.Clusters[name]
	if c == nil {
		return out, false
	}
	out = Cluster{Name: name, Balance: cmp.Or(t.Balance, "p2c"), Protocol: cmp.Or(t.Protocol, "http1"), Endpoints: []Endpoint{}, TLS: x.tlsOf(&t)}
	key := proxy.HashKey(&c.Hash, &x.head, &x.info)
	if out.Balance == "ring_hash" {
		out.Key = keyText(&t, x.info.Wishes.HashKey != 0, key != 0)
	}
	certain, among, err := c.Peek(key)
	out.Among = len(among)
	switch {
	case err != nil && t.Discover != nil && x.Running == nil:
		out.None = "its endpoints are discovered, which only a process does"
	case err != nil:
		out.None = err.Error()
	case certain != nil:
		out.Picked = certain.Addr
	}
	for _, e := range c.Endpoints() {
		if len(out.Endpoints) == maxEndpoints {
			break
		}
		active, _, _ := e.Numbers()
		out.Endpoints = append(out.Endpoints, Endpoint{e.Addr, max(e.Facts().Weight, 1), x.condition(c, e, among), active})
	}
	return out, true
}

// condition is how an endpoint is.
func (x *inquiry) condition(c *cluster.Cluster, e *cluster.Endpoint, among []*cluster.Endpoint) string {
	if x.Running == nil {
		return "unknown"
	}
	d, state := c.Condition(e), "used"
	switch {
	case d.Ejected:
		state = "ejected"
	case !d.Health.Healthy:
		state = "unhealthy"
	}
	if state != "used" && slices.Contains(among, e) {
		state += ", used all the same: too few are well"
	}
	return state
}

// keyText says what a ring goes by.
func keyText(t *config.Cluster, wished, found bool) string {
	switch {
	case wished:
		return "a filter's weir.hash_key"
	case t.Hash == nil:
		return "nothing: no filter gave a key"
	case !found:
		return fmt.Sprintf("%s, which the request does not have: it goes anywhere", t.Hash.By)
	}
	return t.Hash.By
}

// tlsOf is how a cluster's endpoints are spoken to.
func (x *inquiry) tlsOf(c *config.Cluster) TLS {
	t := c.TLS
	switch {
	case t == nil:
		return TLS{Mode: "clear"}
	case t.Mesh:
		out := TLS{Mode: "mesh", Peers: t.Peers}
		if i := x.Config.Identity; i != nil {
			out.Identity = cmp.Or(i.ID, "that of "+i.Cert)
		}
		return out
	}
	return TLS{Mode: "tls", ServerName: cmp.Or(t.ServerName, "the endpoint's host"), Insecure: t.Insecure}
}
