package cluster

import (
	"maps"

	"github.com/weirproxy/weir/core/discovery"
)

// Change is what an update did, in endpoints.
type Change struct {
	Added, Removed int
	Changed        int // those that stay, with another weight or other metadata
}

const maxWeight = 1_000_000

// Update makes these the endpoints of the cluster. Those that stay are not
// touched: they keep their connections, their health, their numbers. One that
// goes finishes its requests, and its idle connections are closed. An address
// that is there twice has the weight of both.
func (c *Cluster) Update(list []discovery.Endpoint) Change {
	did, gone := c.replace(list)
	for _, e := range gone {
		e.Pool.Close()
	}
	return did
}

// replace makes these the endpoints, and answers those that went.
func (c *Cluster) replace(list []discovery.Endpoint) (did Change, gone map[string]*Endpoint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return Change{}, nil
	}
	before := make(map[string]*Endpoint, len(c.Endpoints()))
	for _, e := range c.Endpoints() {
		before[e.Addr] = e
	}
	var now []*Endpoint
	for _, d := range distinct(list) {
		e := before[d.Addr]
		switch {
		case e == nil || e.Facts().Identity != d.Identity: // connections show who the other side is only once
			e = c.join(d)
			did.Added++
			if c.watching {
				e.watch()
			}
		default:
			delete(before, d.Addr)
			if f := e.Facts(); f.Weight != d.Weight || !maps.Equal(f.Metadata, d.Metadata) {
				e.facts.Store(d)
				did.Changed++
			}
		}
		now = append(now, e)
	}
	did.Removed = len(before)
	if did != (Change{}) || c.usable.Load().none == errUndiscovered {
		c.renew(now)
	}
	c.endpoints.Store(&now)
	for _, e := range before {
		e.leave()
	}
	return did, before
}

// distinct are the endpoints of a list, each once, with their weights within
// bounds.
func distinct(list []discovery.Endpoint) []*discovery.Endpoint {
	seen := make(map[string]*discovery.Endpoint, len(list))
	out := make([]*discovery.Endpoint, 0, len(list))
	for _, d := range list {
		d.Weight = min(max(d.Weight, 1), maxWeight)
		if first := seen[d.Addr]; first != nil {
			first.Weight = min(first.Weight+d.Weight, maxWeight)
			continue
		}
		seen[d.Addr] = &d
		out = append(out, &d)
	}
	return out
}
