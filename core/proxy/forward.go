package proxy

import (
	"errors"
	"net/http"
	"net/netip"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

var errNoCluster = fault.New(fault.NoCluster, "choosing a cluster", nil)

// forward sends the request upstream and its response downstream.
func (x *exchange) forward() chain.Verdict {
	if err := x.reroute(); err != nil {
		return x.fault(err)
	}
	if err := x.hurry(); err != nil { // a filter may have shortened the time
		return x.fault(err)
	}
	if err := x.yield(); err != nil {
		return x.fault(err)
	}
	if x.cluster = x.choose(); x.cluster == nil {
		return x.fault(errNoCluster)
	}
	x.tell(x.cluster)
	x.st.Sent(filter.Request)
	x.startClock()
	x.keeping = x.tries() > 0
	x.keep(x.piece.Data)
	if p := x.policy(); p != nil {
		p.Budget.Request(x.proxy.reaper.Now())
	}
	if w := &x.st.Info().Wishes.Mirror; w.Cluster != "" {
		x.startMirror(w)
	}
	x.cluster.Enter()
	defer x.cluster.Leave()
	for try := 0; ; try++ {
		err := x.attempt()
		x.count(try, err)
		if try > 0 {
			x.cluster.EndRetry()
		}
		switch {
		case err == errStopped:
			x.abandon(nil)
			return x.noted(filter.Response)
		case err == nil && !x.unwanted():
			return x.respond()
		}
		wait, again := x.again(err, try)
		switch {
		case err == nil && !again:
			return x.respond()
		case err == nil:
			x.settle() // its endpoint is judged by the answer, though nobody gets it
		default:
			x.endTry(err)
			x.abandon(err)
		}
		if !again {
			return x.fault(err)
		}
		if v := x.rest(wait); v > chain.Held {
			x.cluster.EndRetry()
			return v
		}
	}
}

// count notes an attempt in the cluster's numbers.
func (x *exchange) count(try int, err error) {
	m := x.cluster.Metrics
	m.Request()
	if try > 0 {
		m.Retry()
	}
	if k := fault.KindOf(err); err != nil && k.Side() == fault.Upstream {
		m.Failed(k)
	}
}

func (x *exchange) choose() *cluster.Cluster {
	switch {
	case x.override != nil:
		return x.override
	case x.route.Split != nil:
		return x.route.Split.pick()
	}
	return x.routed()
}

// errStopped ends an attempt because a filter, or the end of the client, was
// noted in between.
var errStopped = errors.New("stopped")

// attempt sends the request to one endpoint and waits for the head of its
// final response.
func (x *exchange) attempt() error {
	info := x.st.Info()
	if x.conn.gone.Load() {
		return errGone
	}
	x.trace.Try(&x.st.Request().Headers, info)
	x.tryBy = 0
	for stale := 0; ; stale++ {
		x.handBack()
		ep, err := x.cluster.PickBy(x.hashKey(), x.endpoint)
		if err != nil {
			return err
		}
		x.endpoint = ep
		info.Upstream, info.UpstreamLocal = ep.IP, netip.AddrPort{}
		info.Tries++
		c, err := x.checkOut(ep, stale > 1)
		if err != nil {
			ep.Broke(err)
			return err
		}
		x.upstream, x.asked = c, ep.Asked()
		info.Secured = c.Secured
		info.Upstream, info.UpstreamLocal = c.Remote, c.Local
		if err = x.passTimeout(); err == nil {
			err = x.exchangeHeads()
		}
		if err == nil || err == errStopped {
			return err
		}
		if c.Sent() || fault.KindOf(err) != fault.StaleConn || stale > 2 {
			return err
		}
		x.abandon(nil)
		if !x.wholeBody() {
			return err
		}
		// The connection had ended while idle and nothing left: that is no
		// attempt, and no fault of the endpoint's.
		info.Tries--
		x.endpoint = nil
	}
}

// checkOut takes a connection, letting go of the stream while that waits.
func (x *exchange) checkOut(ep *cluster.Endpoint, fresh bool) (*pool.Conn, error) {
	if !fresh {
		if c := ep.Idle(); c != nil {
			return c, nil
		}
	}
	wait, kind := x.patience()
	x.st.Idle(filter.Response, deaf{})
	c, err := ep.GetWithin(wait, fresh)
	x.st.Busy(filter.Response)
	switch {
	case err == nil:
		return c, nil
	case err == pool.ErrOpening && kind == fault.PerTryTimeout:
		return nil, fault.New(fault.ConnectTimeout, "waiting for the upstream: a try's time is over", err)
	}
	return nil, x.timeoutAs(err, kind)
}

// deaf is a wait that nobody can end early. It has a bound of its own.
type deaf struct{}

func (deaf) Interrupt() {}

// exchangeHeads writes the request's head, and what of the body is at hand,
// and reads the response's.
func (x *exchange) exchangeHeads() error {
	f := http1.RequestFraming{
		Length: x.requestLength(), Expect: x.expect, Upgrade: x.upgrade, Host: x.cluster.Host,
	}
	if f.Host == "" && len(x.st.Request().Authority) == 0 {
		f.Host = x.endpoint.Addr // HTTP/1.0 came without, HTTP/1.1 must have one
	}
	chunk, end := x.piece.Data, x.piece.End
	if x.upload.started { // an attempt before this one sent more
		chunk, end = x.kept, x.upload.ending
	}
	var trailers *stream.Headers
	if end {
		trailers = x.st.Trailers(filter.Request)
	}
	for {
		wait, kind := x.patience()
		x.st.Idle(filter.Response, x.upstream)
		err := x.upstream.Send(x.st.Request(), &f, chunk, end, trailers, wait)
		x.st.Busy(filter.Response)
		if err == sock.ErrInterrupted {
			if x.noted(filter.Response) > chain.Held {
				return errStopped
			}
			if x.upstream.Sent() {
				break
			}
			continue
		}
		if err != nil {
			return x.timeoutAs(err, kind)
		}
		break
	}
	if !end {
		x.startUpload()
	} else if x.upload.started {
		x.upload.ended = true
		x.startClock()
	}
	return x.awaitHead()
}

// awaitHead reads interim responses, passing them on, and the final head.
func (x *exchange) awaitHead() error {
	head := x.st.ResponseHead()
	for {
		head.Reset()
		wait, kind := x.patience()
		x.st.Idle(filter.Response, x.upstream)
		err := x.upstream.ReadHead(head, x.st.Request().Method, wait)
		x.st.Busy(filter.Response)
		switch {
		case err == sock.ErrInterrupted:
			if x.noted(filter.Response) > chain.Held {
				return errStopped
			}
			if err := x.upload.failure(); err != nil {
				return err
			}
		case x.goesOn(err, kind):
		case err != nil:
			return x.timeoutAs(err, kind)
		case head.Status >= 200, head.Status == http.StatusSwitchingProtocols && x.upgrade:
			x.st.Info().UpstreamTime = time.Since(x.st.Info().Start)
			x.endpoint.Answered(x.asked)
			return nil
		case head.Status == http.StatusSwitchingProtocols:
			return errUnaskedUpgrade
		default:
			if err := x.interim(head); err != nil {
				return err
			}
		}
	}
}

var (
	errUnaskedUpgrade = fault.New(fault.UpstreamProtocol, "reading response: 101 that nobody asked for", nil)
	errInterims       = fault.New(fault.UpstreamProtocol, "reading response: more interim responses than the limit", nil)
)

// interim passes a 1xx response on. A 100 goes only to a client that waits
// for one.
func (x *exchange) interim(head *stream.ResponseHead) error {
	if x.interims++; x.interims > x.side.Interim {
		return errInterims
	}
	if head.Status == http.StatusContinue {
		if !x.expect {
			return nil
		}
		x.expect = false
	}
	if err := x.down.WriteInterim(head); err != nil {
		return fault.New(fault.ClientGone, "sending an interim response", err)
	}
	return nil
}
