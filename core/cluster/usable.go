package cluster

// usable is the endpoints that requests may go to at one moment. It is never
// changed but replaced as a whole, so that a pick needs no lock.
type usable struct {
	endpoints []*Endpoint
	place     []int // of each of the cluster's endpoints in this list, or -1
}

// Len and Load implement lb.Set.
func (u *usable) Len() int         { return len(u.endpoints) }
func (u *usable) Load(i int) int64 { return u.endpoints[i].active.Load() }

// listed makes the list of those of all that fit.
func listed(all []*Endpoint, fit func(e *Endpoint) bool) *usable {
	u := &usable{place: make([]int, len(all))}
	for i, e := range all {
		u.place[i] = -1
		if fit(e) {
			u.place[i] = len(u.endpoints)
			u.endpoints = append(u.endpoints, e)
		}
	}
	return u
}

// renew makes the list anew. Where too few are left to carry what the whole
// cluster did, all are used: some of what seems ill may still answer, and the
// rest would fall under the load. c.mu is held.
func (c *Cluster) renew() {
	u := listed(c.endpoints, func(e *Endpoint) bool { return !e.ill && !e.ejected })
	panics := float64(u.Len()) < c.panicThreshold*float64(len(c.endpoints))
	if panics {
		u = c.whole
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
func (c *Cluster) Usable() int { return c.usable.Load().Len() }
