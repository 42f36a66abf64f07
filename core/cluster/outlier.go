package cluster

import (
	"time"
)

// Outlier says when an endpoint whose requests fail is left out for a while: a
// circuit breaker of each endpoint. The zero value is never.
type Outlier struct {
	Faults   int           // requests in a row that failed by the endpoint's fault
	Time     time.Duration // out for so long, the second time twice as long, and so on
	MaxTime  time.Duration // at most
	MaxShare float64       // of the endpoints may be out at once; one always may if there are two
}

// eject leaves e out for a while, unless too many are already.
func (c *Cluster) eject(e *Endpoint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := 1
	all := c.Endpoints()
	for _, o := range all {
		if o.ejected {
			out++
		}
	}
	if e.gone || e.ejected || len(all) < 2 || out > max(1, int(c.outlier.MaxShare*float64(len(all)))) {
		return
	}
	if time.Since(e.readmitted) > c.outlier.MaxTime {
		e.relapses = 0
	}
	e.relapses++
	e.ejections++
	e.ejected = true
	d := min(time.Duration(e.relapses)*c.outlier.Time, c.outlier.MaxTime)
	e.timer = time.AfterFunc(d, func() { c.readmit(e) })
	c.log.Warn("endpoint is ejected", "cluster", c.Name, "endpoint", e.Addr, "faults_in_a_row", e.streak.Load(), "for", d)
	c.renew(c.Endpoints())
}

// readmit ends eject.
func (c *Cluster) readmit(e *Endpoint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.gone || !e.ejected {
		return
	}
	e.ejected, e.readmitted = false, time.Now()
	e.streak.Store(0)
	c.log.Info("endpoint is readmitted", "cluster", c.Name, "endpoint", e.Addr)
	c.renew(c.Endpoints())
}
