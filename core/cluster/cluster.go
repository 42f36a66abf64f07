// Package cluster is the named groups of endpoints that requests go to: which
// endpoint is picked (lb), how connections to it are kept (pool), and how much
// of the load may be retries.
//
// Start at [Cluster].
package cluster

import (
	"net/netip"
	"sync/atomic"

	"github.com/weirproxy/weir/core/cluster/lb"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/stream"
)

// Options make a cluster.
type Options struct {
	Name        string
	Endpoints   []string // "host:port"
	Balance     string   // "p2c" or "round_robin"
	Host        string   // authority sent upstream instead of the client's, or ""
	RetryBudget float64  // share of the requests under way that may be retries
	Pool        pool.Options
	Metadata    stream.Table // for filters, by subject
	Metrics     *observe.Cluster
}

// Cluster is one named upstream.
type Cluster struct {
	Name     string
	Host     string
	Metadata stream.Table
	Metrics  *observe.Cluster

	endpoints []*Endpoint
	policy    lb.Policy
	budget    budget
	pools     pool.Options
}

// Endpoint is one address of a cluster.
type Endpoint struct {
	Addr string         // as configured
	IP   netip.AddrPort // if the address is a literal

	*pool.Pool
	index  int
	active atomic.Int64
	total  atomic.Uint64
	faults atomic.Uint64
}

// New makes a cluster. It opens nothing yet.
func New(o Options) *Cluster {
	c := &Cluster{Name: o.Name, Host: o.Host, Metadata: o.Metadata, Metrics: o.Metrics, pools: o.Pool}
	c.policy, _ = lb.New(o.Balance)
	c.budget.share = o.RetryBudget
	for i, addr := range o.Endpoints {
		e := &Endpoint{Addr: addr, index: i, Pool: pool.New(addr, &c.pools)}
		if ip, err := netip.ParseAddrPort(addr); err == nil {
			e.IP = ip
		}
		c.endpoints = append(c.endpoints, e)
	}
	return c
}

// Len and Load let a policy see the endpoints.
func (c *Cluster) Len() int { return len(c.endpoints) }

// Load is the number of requests under way at endpoint i.
func (c *Cluster) Load(i int) int64 { return c.endpoints[i].active.Load() }

var errNoEndpoint = fault.New(fault.NoEndpoint, "picking an endpoint", nil)

// Pick chooses an endpoint for a request, another than the last if it can, and
// counts the request as under way there until Done.
func (c *Cluster) Pick(last *Endpoint) (*Endpoint, error) {
	if len(c.endpoints) == 0 {
		return nil, errNoEndpoint
	}
	i := 0
	if len(c.endpoints) > 1 {
		avoid := -1
		if last != nil {
			avoid = last.index
		}
		i = c.policy.Pick(c, avoid)
	}
	e := c.endpoints[i]
	e.active.Add(1)
	e.total.Add(1)
	return e, nil
}

// Done ends what Pick counted. failed says that the endpoint was to blame.
func (e *Endpoint) Done(failed bool) {
	e.active.Add(-1)
	if failed {
		e.faults.Add(1)
	}
}

// Endpoints are all of them.
func (c *Cluster) Endpoints() []*Endpoint { return c.endpoints }

// Numbers are the requests under way at the endpoint, those ever sent to it,
// and those that failed by its fault.
func (e *Endpoint) Numbers() (active int64, total, faults uint64) {
	return e.active.Load(), e.total.Load(), e.faults.Load()
}

// Sweep looks after the idle connections. It is called every second or so.
func (c *Cluster) Sweep() {
	for _, e := range c.endpoints {
		e.Pool.Sweep()
	}
}

// Close closes the idle connections, and the others when they come back.
func (c *Cluster) Close() {
	for _, e := range c.endpoints {
		e.Pool.Close()
	}
}
