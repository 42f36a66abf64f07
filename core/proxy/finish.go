package proxy

import (
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/observe"
)

// end leaves the downstream connection in a state that its owner can go on
// from, and says whether it may carry another request.
func (x *exchange) end(v chain.Verdict) (keep bool) {
	if v != chain.Passed {
		// The client must not take what it got for a whole answer.
		x.down.Abort()
		return false
	}
	if x.down.Done() {
		return true
	}
	return x.side != nil && x.drain()
}

// drainWait is how long an unread body may take to arrive.
const drainWait = time.Second

// drain reads off what is left of a request's body. A client that waited for
// 100 in vain will not send it.
func (x *exchange) drain() bool {
	if x.framing().Expect && x.received == 0 {
		return false
	}
	return x.down.Drain(x.side.DrainUnread, drainWait)
}

// finish always runs, exactly once: log, count, release.
func (x *exchange) finish() {
	info := x.st.Info()
	info.RequestBytes += x.received
	x.conn.waiting.Store(0)
	x.conn.stream.Store(nil)
	x.conn.gone.Store(false)
	x.st.Log()
	x.rec = Record{Stream: x.st, Side: x.side, Route: x.route, Cluster: x.cluster, Endpoint: x.endpoint,
		GRPC: x.grpcStatus(), Err: x.failed, Took: time.Since(info.Start)}
	if x.proxy.record != nil {
		x.proxy.record.Stream(&x.rec)
	}
	x.endTrace()
	if x.failed != nil {
		x.report()
	}
	x.st.Finish()
	x.handBack()
	x.leave()
	x.recycle()
}

// leave gives back the stream's place, its snapshot, and what was to be a copy,
// once.
func (x *exchange) leave() {
	x.dropMirror(observe.MirrorIncomplete)
	if x.entered {
		x.entered = false
		x.side.Gate.Leave()
	}
	if s := x.snap; s != nil {
		x.snap = nil
		s.release()
	}
}

// report tells of a fault. What a client may cause at will is for those who
// look for it.
func (x *exchange) report() {
	info := x.st.Info()
	kind := fault.KindOf(x.failed)
	log := x.proxy.log.Debug
	if kind.Side() == fault.Internal && kind == fault.Unknown {
		log = x.proxy.log.Error
	}
	log("stream ended by a fault", "stream", info.ID, "kind", kind.String(), "err", x.failed,
		"listener", info.Listener, "client", info.Source, "route", info.Route, "cluster", info.Cluster, "upstream", info.Upstream)
}

// recycle makes the exchange ready for another stream.
func (x *exchange) recycle() {
	kept, scratch, page := x.kept[:0], x.scratch, x.page[:0]
	const maxKept = 128 << 10
	if cap(kept) > maxKept {
		kept = nil
	}
	p, st, tr := x.proxy, x.st, x.trace
	tr.Clear()
	*x = exchange{proxy: p, st: st, kept: kept, scratch: scratch, page: page, trace: tr}
	p.pool.Put(x)
}

// Record is what is known of a stream at its end. It is valid until the
// Recorder returns.
type Record struct {
	Stream   *chain.Stream // heads, facts, properties
	Side     *Side         // nil when not even the head could be read
	Route    *Route        // nil without one
	Cluster  *cluster.Cluster
	Endpoint *cluster.Endpoint // the last that was tried
	GRPC     grpc.Code         // a call's status, grpc.None for any other request
	Err      error             // the fault that ended it, or nil
	Took     time.Duration
}

// Recorder counts streams and writes the access log. It must not block.
type Recorder interface {
	Stream(r *Record)
}
