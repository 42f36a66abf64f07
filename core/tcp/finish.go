package tcp

import (
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// Record is what is known of a connection at its end. It is valid until the
// Recorder returns.
type Record struct {
	Info     *stream.Info
	Stream   *chain.Stream // nil without filters
	Service  *Service
	Endpoint *cluster.Endpoint // the last that was tried, nil for none
	Err      error             // the fault that ended it, or nil
	Took     time.Duration
}

// Recorder counts connections and writes the access log. It must not block.
type Recorder interface {
	Connection(r *Record)
}

// finish always runs, exactly once: log, count, release.
func (c *Conn) finish() {
	i := c.info
	i.ResponseBytes, i.RequestBytes = c.pair.Moved()
	if c.upstream != nil {
		c.endpoint.Done(fault.KindOf(c.failed) == fault.UpstreamReset)
		c.upstream.Leave()
	}
	if c.failed != nil {
		k := fault.KindOf(c.failed)
		i.Flags |= k.Flags()
		i.Details = k.Details()
		c.report(k)
	}
	known := c.begun && !c.flow.lost
	var st *chain.Stream
	if known {
		st = c.st
		i.PeerClosed = fault.KindOf(c.failed) == fault.ClientGone || c.failed == nil && i.Details == "" && c.flow.last == filter.Request
		c.st.Log()
	}
	if c.Record != nil {
		c.Record.Connection(&Record{Info: i, Stream: st, Service: c.Service, Endpoint: c.endpoint, Err: c.failed, Took: time.Since(i.Start)})
	}
	switch {
	case known:
		c.st.Finish()
	case c.begun:
		c.st.Unlock() // and is not used again
	}
}

// report tells of a fault. What a client may cause at will is for those who look
// for it.
func (c *Conn) report(k fault.Kind) {
	log := c.Log.Debug
	if k == fault.Unknown {
		log = c.Log.Error
	}
	i := c.info
	log("connection ended by a fault", "service", c.Service.Name, "conn", i.Conn, "kind", k.String(), "err", c.failed,
		"client", i.Source, "cluster", i.Cluster, "upstream", i.Upstream)
}
