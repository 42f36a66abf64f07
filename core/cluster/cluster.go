// Package cluster is the named groups of endpoints that requests go to: which
// endpoint is picked (lb), which are well enough for that (health, [Outlier]),
// how connections to one are kept (pool), and how much of the load may be
// retries. Endpoints come and go while requests run ([Cluster.Update]).
//
// Start at [Cluster].
package cluster

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/weirproxy/weir/core/cluster/health"
	"github.com/weirproxy/weir/core/cluster/lb"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/stream"
)

// Options make a cluster.
type Options struct {
	Name      string
	Endpoints []string // "host:port", each of weight 1; [Cluster.Update] says more
	// Discovered says that the endpoints are told by Update: until then nobody
	// knows whether there are any.
	Discovered  bool
	Balance     string  // the name of a policy, see lb.New
	Hash        Hash    // what it goes by, if it hashes
	Host        string  // authority sent upstream instead of the client's, or ""
	RetryBudget float64 // share of the requests under way that may be retries
	Pool        pool.Options
	Metadata    stream.Table // for filters, by subject
	Metrics     *observe.Cluster

	// Health is what endpoints are asked, nil for nothing.
	Health  *health.Check
	Outlier Outlier
	// PanicThreshold is the share of the endpoints that must be well. With fewer,
	// all are used; 0 is never.
	PanicThreshold float64
	Log            *slog.Logger // told of each change; nil: nobody is
}

// Cluster is one named upstream.
type Cluster struct {
	Name     string
	Host     string
	Hash     Hash
	Metadata stream.Table
	Metrics  *observe.Cluster

	policy lb.Policy
	timed  bool // the policy goes by how long answers take
	budget budget
	pools  pool.Options

	endpoints atomic.Pointer[[]*Endpoint]
	usable    atomic.Pointer[usable]

	check          *health.Check
	outlier        Outlier
	panicThreshold float64
	log            *slog.Logger

	mu       sync.Mutex // guards what endpoints say of their condition, and the making of lists
	panics   bool
	watching bool // the health checks have begun
	closed   bool
}

// New makes a cluster. It opens nothing yet.
func New(o Options) *Cluster {
	c := &Cluster{Name: o.Name, Host: o.Host, Hash: o.Hash, Metadata: o.Metadata, Metrics: o.Metrics, pools: o.Pool,
		check: o.Health, outlier: o.Outlier, panicThreshold: o.PanicThreshold, log: o.Log}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.policy, _ = lb.New(o.Balance)
	_, c.timed = c.policy.(lb.PeakEWMA)
	c.budget.share = o.RetryBudget
	c.endpoints.Store(new([]*Endpoint))
	c.usable.Store(&usable{none: errUndiscovered})
	if !o.Discovered {
		list := make([]discovery.Endpoint, len(o.Endpoints))
		for i, addr := range o.Endpoints {
			list[i].Addr = addr
		}
		c.Update(list)
	}
	return c
}

var (
	errNoEndpoint   = fault.New(fault.NoEndpoint, "picking an endpoint", nil)
	errUndiscovered = fault.New(fault.Undiscovered, "picking an endpoint: no source has told of any yet", nil)
)

// Pick chooses an endpoint for a request, another than the last if it can, and
// counts the request as under way there until Done or Broke.
func (c *Cluster) Pick(last *Endpoint) (*Endpoint, error) { return c.PickBy(0, last) }

// PickBy is Pick for a request with a key, see [stream.HashKey]: where the policy
// hashes, requests of the same key come to the same endpoint. 0 is none.
func (c *Cluster) PickBy(key uint64, last *Endpoint) (*Endpoint, error) {
	u := c.usable.Load()
	i := 0
	switch len(u.endpoints) {
	case 0:
		return nil, u.none
	case 1:
	default:
		i = u.picker.Pick(key, u.place(last))
	}
	e := u.endpoints[i]
	e.gauge.Begin()
	e.total.Add(1)
	return e, nil
}

// Endpoints are all of them at this moment. The list is not changed.
func (c *Cluster) Endpoints() []*Endpoint { return *c.endpoints.Load() }

// Sweep looks after the idle connections. It is called every second or so.
func (c *Cluster) Sweep() {
	for _, e := range c.Endpoints() {
		e.Pool.Sweep()
	}
}

// Close closes the idle connections, and the others when they come back, and
// ends the health checks. It does not wait.
func (c *Cluster) Close() {
	c.mu.Lock()
	c.closed = true
	all := c.Endpoints()
	for _, e := range all {
		e.leave()
	}
	c.mu.Unlock()
	for _, e := range all {
		e.Pool.Close()
	}
}
