package cluster

import (
	"slices"

	"github.com/weirproxy/weir/core/cluster/lb"
)

// usable is the endpoints that requests may go to at one moment. It is never
// changed but replaced as a whole, so that a pick needs no lock.
type usable struct {
	endpoints []*Endpoint
	picker    lb.Picker // among them
	none      error     // why there is none
}

// place is where e is in the list, or -1. It is looked for when a request is sent
// again, which is rare.
func (u *usable) place(e *Endpoint) int {
	if e == nil {
		return -1
	}
	return slices.Index(u.endpoints, e)
}

// renew makes the list anew. Where too few are left to carry what the whole
// cluster did, all are used: some of what seems ill may still answer, and the
// rest would fall under the load. c.mu is held.
func (c *Cluster) renew(all []*Endpoint) {
	u := &usable{none: errNoEndpoint}
	for _, e := range all {
		if !e.ill && !e.ejected {
			u.endpoints = append(u.endpoints, e)
		}
	}
	panics := float64(len(u.endpoints)) < c.panicThreshold*float64(len(all))
	if panics {
		u.endpoints = all
	}
	if len(u.endpoints) > 1 {
		targets := make([]lb.Target, len(u.endpoints))
		for i, e := range u.endpoints {
			targets[i] = lb.Target{Addr: e.Addr, Weight: e.Facts().Weight, Gauge: &e.gauge}
		}
		u.picker = c.policy.Over(targets)
	}
	c.usable.Store(u)
	if panics == c.panics {
		return
	}
	c.panics = panics
	if panics {
		c.log.Warn("all endpoints are used: too few of them are well", "cluster", c.Name, "panic_threshold", c.panicThreshold)
	} else {
		c.log.Info("ill endpoints are avoided again", "cluster", c.Name)
	}
}

// Usable is the number of endpoints that requests go to.
func (c *Cluster) Usable() int { return len(c.usable.Load().endpoints) }
