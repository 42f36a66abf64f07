package cluster

import (
	"errors"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/cluster/health"
	"github.com/weirproxy/weir/core/cluster/lb"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/fault"
)

// Endpoint is one address of a cluster. It is the same as long as the address is
// among the cluster's.
type Endpoint struct {
	Addr string         // as configured, or as a source told it
	IP   netip.AddrPort // if the address is a literal

	*pool.Pool
	cluster *Cluster
	facts   atomic.Pointer[discovery.Endpoint]
	gauge   lb.Gauge
	total   atomic.Uint64
	faults  atomic.Uint64
	streak  atomic.Int64 // of faults, without a success between

	// Its condition, guarded by cluster.mu.
	gone       bool            // from the cluster
	watcher    *health.Watcher // nil without health checks
	ill        bool            // they say so
	ejected    bool
	ejections  uint64
	relapses   int // ejections, each soon after the one before
	readmitted time.Time
	timer      *time.Timer // ends the ejection
}

// join makes an endpoint of c.
func (c *Cluster) join(d *discovery.Endpoint) *Endpoint {
	e := &Endpoint{Addr: d.Addr, cluster: c, Pool: pool.New(d.Addr, c.poolsOf(d))}
	if ip, err := netip.ParseAddrPort(d.Addr); err == nil {
		e.IP = ip
	}
	e.facts.Store(d)
	return e
}

// poolsOf are the options of connections to an endpoint: one of which it is known who
// it is must show that.
func (c *Cluster) poolsOf(d *discovery.Endpoint) *pool.Options {
	if d.Identity == "" || c.pools.TLS == nil {
		return &c.pools
	}
	o := c.pools
	o.TLS = o.TLS.Only(d.Identity)
	return &o
}

// leave ends what looks after the endpoint. Its pool is closed when the lock is let
// go of: that may take a moment. cluster.mu is held.
func (e *Endpoint) leave() {
	e.gone = true
	if e.watcher != nil {
		e.watcher.Stop()
	}
	if e.timer != nil {
		e.timer.Stop()
	}
}

// watch begins its health checks, if there are any. cluster.mu is held.
func (e *Endpoint) watch() {
	if c := e.cluster; c.check != nil {
		e.watcher = health.Watch(e.Addr, c.check, *c.poolsOf(e.Facts()), func(healthy bool, why error) { c.judged(e, healthy, why) })
	}
}

// Facts are what the configuration or the source says of it at this moment. They
// are not changed.
func (e *Endpoint) Facts() *discovery.Endpoint { return e.facts.Load() }

// Done ends what Pick counted, of a request that was answered. failed says that the endpoint was to blame.
func (e *Endpoint) Done(failed bool) {
	e.gauge.End()
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
	if err != nil && kind.Side() == fault.Upstream && kind != fault.PoolFull && !errors.Is(err, pool.ErrQueued) {
		e.Done(true)
		return
	}
	e.gauge.End()
}

// fault notes a failed request.
func (e *Endpoint) fault() {
	e.faults.Add(1)
	if e.cluster.timed {
		e.gauge.Took(lb.Failed)
	}
	if n := e.cluster.outlier.Faults; n > 0 && e.streak.Add(1) >= int64(n) {
		e.cluster.eject(e)
	}
}

// Asked is the moment at which a request is sent, for Answered; zero where nobody
// wants to know how long answers take.
func (e *Endpoint) Asked() (at time.Time) {
	if e.cluster.timed {
		at = time.Now()
	}
	return at
}

// Answered tells that the head of an answer has come to what was Asked.
func (e *Endpoint) Answered(asked time.Time) {
	if e.cluster.timed {
		e.gauge.Took(time.Since(asked))
	}
}

// Numbers are the requests under way at the endpoint, those ever sent to it,
// and those that failed by its fault.
func (e *Endpoint) Numbers() (active int64, total, faults uint64) {
	return e.gauge.Active(), e.total.Load(), e.faults.Load()
}

// Latency is how long its answers take of late, by what the policy goes; 0 where
// it does not go by that, or nothing is known.
func (e *Endpoint) Latency() time.Duration { return e.gauge.Latency() }
