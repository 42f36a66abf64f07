package tcp

import (
	"log/slog"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/pump"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// Options are what all connections have in common.
type Options struct {
	Log    *slog.Logger
	Reaper *sock.Reaper
	Record Recorder
	// Cluster finds a cluster by name, for filters that choose one; nil for none.
	Cluster func(name string) *Target
}

// Conn is a connection of a service, from its first byte to its end.
type Conn struct {
	Options
	Service *Service
	Client  http1.Transport
	ID      uint64
	TLS     *stream.TLSInfo // nil in clear
	// Source and Destination are those of the client's connection, by a PROXY
	// header where there was one.
	Source, Destination netip.AddrPort
	// Original is where the client meant to connect to, "host:port"; "" where that is here.
	Original string

	st       *chain.Stream // nil without filters
	own      stream.Info   // the facts, where there is no stream to hold them
	info     *stream.Info
	pair     pump.Pair
	target   *Target
	endpoint *cluster.Endpoint
	upstream *pool.Raw
	failed   error // the first fault
	begun    bool  // the stream is
	flow     flow

	began    atomic.Int64          // coarse time
	patience atomic.Int64          // coarse time at which the filters have held the connection for too long, 0 for never
	waiting  atomic.Bool           // for something else than the client's bytes
	cutBy    atomic.Pointer[error] // why somebody else ended it
}

// Serve carries the connection. It is the caller's to close.
func (c *Conn) Serve() {
	c.begin()
	defer c.finish()
	if err := c.choose(); err != nil {
		c.fail(err)
		return
	}
	if c.st != nil {
		c.filter()
		return
	}
	if err := c.connect(); err != nil {
		c.fail(err)
		return
	}
	c.fail(c.faultOf(c.pair.Carry(nil, nil)))
}

func (c *Conn) begin() {
	s := c.Service
	c.info = &c.own
	if s.Chain.Len() > 0 {
		c.st = chain.NewStream()
		c.info = c.st.Info()
	}
	i := c.info
	i.ID, i.Conn, i.Start = c.ID, c.ID, time.Now()
	i.Source, i.Destination, i.Client, i.TLS = c.Source, c.Destination, c.Source.Addr(), c.TLS
	i.Version, i.Listener, i.Node, i.Route = stream.TCP, s.Listener, s.Node, s.Name
	c.pair = pump.Pair{
		Client: c.Client, Idle: s.Idle, Buffers: http1.Buffers(s.Buffer), Now: c.Reaper.Now, Panicked: c.panicked,
	}
	c.pair.Begin()
	c.began.Store(c.Reaper.Now())
}

// fail notes the fault that ends the connection; the first stays.
func (c *Conn) fail(err error) {
	if err != nil && c.failed == nil {
		c.failed = err
	}
}

// faultOf is how the pair ended as a fault, nil for an orderly end.
func (c *Conn) faultOf(f pump.Failure) error {
	if by := c.cutBy.Load(); by != nil && f.Err != nil {
		return *by
	}
	switch {
	case f.Err == nil:
		return nil
	case f.End == nil && f.Err == sock.ErrTimeout:
		return errIdle
	case f.End == c.pair.Client:
		return fault.New(fault.ClientGone, "carrying a connection", f.Err)
	case f.End != nil:
		return fault.New(fault.UpstreamReset, "carrying a connection", f.Err)
	}
	return fault.New(fault.Unknown, "carrying a connection", f.Err)
}

var (
	errIdle   error = fault.New(fault.IdleTimeout, "waiting for a byte in either direction", nil)
	errMaxAge error = fault.New(fault.MaxAge, "carrying a connection", nil)
	errGone   error = fault.New(fault.ClientGone, "waiting", nil)
)

// Sweep ends a connection that is too old, or that waits for something while its
// client has gone. Whoever has the connections calls it every 100 ms or so, with
// coarse time now.
func (c *Conn) Sweep(now int64) {
	began, patience := c.began.Load(), c.patience.Load()
	switch {
	case began == 0: // not yet under way
	case c.Service.MaxAge > 0 && now-began >= int64(c.Service.MaxAge):
		c.cut(errMaxAge)
	case patience > 0 && now >= patience:
		c.cut(errPaused)
	case c.waiting.Load() && c.Client.Peek() == sock.Gone && !c.Client.HalfClosed():
		c.cut(errGone)
	}
}

// cut ends the connection from elsewhere: whoever waits finds its client closed.
func (c *Conn) cut(err error) {
	if c.cutBy.CompareAndSwap(nil, &err) {
		_ = c.Client.Close()
	}
	if c.st != nil {
		c.st.Kick()
	}
}
