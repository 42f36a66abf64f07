package cluster

import "github.com/weirproxy/weir/core/cluster/health"

// Watch begins the health checks, if there are any and they have not begun.
func (c *Cluster) Watch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.watching {
		return
	}
	c.watching = true
	for _, e := range c.Endpoints() {
		e.watch()
	}
}

// judged takes the outcome of an endpoint's health checks.
func (c *Cluster) judged(e *Endpoint, healthy bool, why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.gone {
		return
	}
	e.ill = !healthy
	if healthy {
		c.log.Info("endpoint is healthy", "cluster", c.Name, "endpoint", e.Addr)
	} else {
		c.log.Warn("endpoint is unhealthy", "cluster", c.Name, "endpoint", e.Addr, "err", why)
	}
	c.renew(c.Endpoints())
}

// Condition is what is known of how an endpoint is.
type Condition struct {
	Checked   bool // it has health checks
	Health    health.State
	Ejected   bool
	Ejections uint64 // ever
}

// Condition is e's at this moment.
func (c *Cluster) Condition(e *Endpoint) Condition {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := Condition{Ejected: e.ejected, Ejections: e.ejections, Health: health.State{Healthy: true}}
	if e.watcher != nil {
		d.Checked, d.Health = true, e.watcher.State()
		d.Health.Healthy = !e.ill // what picks go by
	}
	return d
}
