// Package cluster is the named groups of endpoints that requests go to: which
// endpoint is picked (lb), which are well enough for that (health, [Outlier]),
// how connections to one are kept (pool), and how much of the load may be
// retries.
//
// Start at [Cluster].
package cluster

import (
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/cluster/health"
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
	Metadata stream.Table
	Metrics  *observe.Cluster

	endpoints []*Endpoint
	policy    lb.Policy
	budget    budget
	pools     pool.Options

	usable atomic.Pointer[usable]
	whole  *usable // of all endpoints

	check          *health.Check
	outlier        Outlier
	panicThreshold float64
	log            *slog.Logger

	mu     sync.Mutex // guards what endpoints say of their condition, and the making of usable
	panics bool
	closed bool
}

// Endpoint is one address of a cluster.
type Endpoint struct {
	Addr string         // as configured
	IP   netip.AddrPort // if the address is a literal

	*pool.Pool
	cluster *Cluster
	index   int
	active  atomic.Int64
	total   atomic.Uint64
	faults  atomic.Uint64
	streak  atomic.Int64 // of faults, without a success between

	// Its condition, guarded by cluster.mu.
	watcher    *health.Watcher // nil without health checks
	ill        bool            // they say so
	ejected    bool
	ejections  uint64
	relapses   int // ejections, each soon after the one before
	readmitted time.Time
	timer      *time.Timer // ends the ejection
}

// New makes a cluster. It opens nothing yet.
func New(o Options) *Cluster {
	c := &Cluster{Name: o.Name, Host: o.Host, Metadata: o.Metadata, Metrics: o.Metrics, pools: o.Pool,
		check: o.Health, outlier: o.Outlier, panicThreshold: o.PanicThreshold, log: o.Log}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.policy, _ = lb.New(o.Balance)
	c.budget.share = o.RetryBudget
	for i, addr := range o.Endpoints {
		e := &Endpoint{Addr: addr, cluster: c, index: i, Pool: pool.New(addr, &c.pools)}
		if ip, err := netip.ParseAddrPort(addr); err == nil {
			e.IP = ip
		}
		c.endpoints = append(c.endpoints, e)
	}
	c.whole = listed(c.endpoints, func(*Endpoint) bool { return true })
	c.usable.Store(c.whole)
	return c
}

var errNoEndpoint = fault.New(fault.NoEndpoint, "picking an endpoint", nil)

// Pick chooses an endpoint for a request, another than the last if it can, and
// counts the request as under way there until Done.
func (c *Cluster) Pick(last *Endpoint) (*Endpoint, error) {
	u := c.usable.Load()
	if len(u.endpoints) == 0 {
		return nil, errNoEndpoint
	}
	i := 0
	if len(u.endpoints) > 1 {
		avoid := -1
		if last != nil {
			avoid = u.place[last.index]
		}
		i = c.policy.Pick(u, avoid)
	}
	e := u.endpoints[i]
	e.active.Add(1)
	e.total.Add(1)
	return e, nil
}

// Done ends what Pick counted, of a request that was answered. failed says that the endpoint was to blame.
func (e *Endpoint) Done(failed bool) {
	e.active.Add(-1)
	if failed {
		e.fault()
	} else if e.streak.Load() != 0 {
		e.streak.Store(0)
	}
}

// Broke ends what Pick counted, of a request that was not answered, for err. One
// that ended for another reason than the endpoint, or with nil, says nothing of
// it, neither good nor bad.
func (e *Endpoint) Broke(err error) {
	kind := fault.KindOf(err)
	if err != nil && kind.Side() == fault.Upstream && kind != fault.PoolFull {
		e.Done(true)
		return
	}
	e.active.Add(-1)
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

// Close closes the idle connections, and the others when they come back, and
// ends the health checks. It does not wait.
func (c *Cluster) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	for _, e := range c.endpoints {
		if e.watcher != nil {
			e.watcher.Stop()
		}
		if e.timer != nil {
			e.timer.Stop()
		}
		e.Pool.Close()
	}
}
