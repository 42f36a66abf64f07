package proxy

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace"
	"github.com/weirproxy/weir/core/trace/otlp"
)

// Caller makes the requests that filters send to clusters: filter.Caller.
type Caller struct {
	log      *slog.Logger
	spans    *otlp.Exporter
	clusters atomic.Pointer[map[string]*cluster.Cluster]
}

// NewCaller makes one that can call nothing yet. Calls of streams that are traced leave
// their spans in spans, which may be nil.
func NewCaller(log *slog.Logger, spans *otlp.Exporter) *Caller {
	return &Caller{log: log, spans: spans}
}

// Use sets the clusters that can be called from here on.
func (c *Caller) Use(clusters map[string]*cluster.Cluster) { c.clusters.Store(&clusters) }

// Clusters are those that can be called.
func (c *Caller) Clusters() map[string]*cluster.Cluster {
	if p := c.clusters.Load(); p != nil {
		return *p
	}
	return nil
}

// maxCall bounds a call that has no time-out of its own.
const maxCall = 5 * time.Minute

// Call starts a request.
func (c *Caller) Call(r filter.CallRequest, done func(*filter.CallResponse)) (cancel func(), err error) {
	cl, err := c.cluster(r.Cluster)
	if err != nil {
		return nil, err
	}
	if r.Timeout <= 0 || r.Timeout > maxCall {
		r.Timeout = maxCall
	}
	k := &call{CallRequest: r, cluster: cl, by: time.Now().Add(r.Timeout)}
	k.trace = trace.BeginCall(c.spans, r.Trace, r.Head)
	go func() {
		defer contain(c.log, "calling for a filter", func() { done(failedCall(nil)) })
		growStack(0)
		answer := k.run()
		if !k.cancelled.Load() {
			done(answer)
		}
	}()
	return k.cancel, nil
}

// cluster is the one of that name, if it can be called.
func (c *Caller) cluster(name string) (*cluster.Cluster, error) {
	switch cl := c.Clusters()[name]; {
	case cl == nil:
		return nil, filter.ErrNoCluster
	case cl.Usable() == 0:
		return nil, filter.ErrNoEndpoint
	default:
		return cl, nil
	}
}

// growStack makes the stack of a fresh goroutine at once as large as a call, and
// the callback of a guest that takes its answer, will need. Growing on the way
// moves more frames, and does so twice: that would be a seventh of such a call.
//
//go:noinline
func growStack(at int) byte {
	var room [8 << 10]byte
	return room[at]
}

// call is one request of a filter.
type call struct {
	filter.CallRequest
	cluster   *cluster.Cluster
	drop      bool // nobody wants the answer
	by        time.Time
	cancelled atomic.Bool
	conn      atomic.Pointer[pool.Conn]
	trace     trace.Call
}

// cancel ends the call: nobody waits for its answer.
func (k *call) cancel() {
	k.cancelled.Store(true)
	if c := k.conn.Load(); c != nil {
		c.Interrupt()
	}
}

// run makes the call.
func (k *call) run() *filter.CallResponse {
	answer, err := k.carry()
	switch {
	case err == nil:
		return answer
	case answer != nil:
		return &filter.CallResponse{Reset: true}
	}
	return failedCall(err)
}

// carry makes the call, once more where a connection had ended while idle. An
// answer beside an error broke off behind its head.
func (k *call) carry() (*filter.CallResponse, error) {
	k.cluster.Enter()
	defer k.cluster.Leave()
	for try := 0; ; try++ {
		ep, err := k.cluster.Pick(nil)
		if err != nil {
			k.ended("", nil, err)
			return nil, err
		}
		c, err := ep.GetWithin(k.left(), try > 1)
		if err != nil {
			k.ended(ep.Addr, nil, err)
			ep.Broke(err)
			return nil, err
		}
		k.conn.Store(c)
		asked := ep.Asked()
		answer, err := k.unlessCancelled(c)
		k.conn.Store(nil)
		if err == nil {
			ep.Answered(asked)
			k.ended(ep.Addr, answer, nil)
			ep.Done(false)
			ep.Put(c)
			return answer, nil
		}
		stale := answer == nil && !c.Sent() && fault.KindOf(err) == fault.StaleConn && try <= 2
		if stale {
			ep.Broke(nil) // it did nothing wrong
		} else {
			ep.Broke(err)
		}
		ep.Discard(c)
		if !stale {
			k.ended(ep.Addr, answer, err)
			return answer, err
		}
	}
}

// ended ends the call's step of its stream's trace.
func (k *call) ended(endpoint string, answer *filter.CallResponse, err error) {
	o := trace.Broken(0, err)
	if answer != nil {
		o.Status = answer.Head.Status
		if err == nil && grpc.IsCall(k.Head) {
			o.GRPC = grpc.Ended(answer.Head, answer.Trailers)
		}
	}
	k.trace.End(k.Head, k.CallRequest.Cluster, endpoint, o)
}

// left is the time that the call still has.
func (k *call) left() time.Duration { return max(time.Until(k.by), time.Millisecond) }

// unlessCancelled is exchange for a call that may have been cancelled while it waited
// for a connection.
func (k *call) unlessCancelled(c *pool.Conn) (*filter.CallResponse, error) {
	if k.cancelled.Load() {
		return nil, errCancelled
	}
	return k.exchange(c)
}

// exchange sends the request and reads the answer. An answer beside an error
// broke off behind its head.
func (k *call) exchange(c *pool.Conn) (*filter.CallResponse, error) {
	f := http1.RequestFraming{Length: int64(len(k.Body))}
	switch {
	case k.Trailers != nil && k.Trailers.Len() > 0:
		f.Length = http1.Unknown
	case len(k.Body) == 0:
		f.Length = noBody(k.Head.Method)
	}
	if err := k.undisturbed(func() error {
		return c.Send(k.Head, &f, k.Body, true, k.Trailers, k.left())
	}); err != nil {
		return nil, err
	}
	var head stream.ResponseHead
	for interims := 0; head.Status < 200; interims++ {
		if interims > maxInterims {
			return nil, errInterims
		}
		head.Reset()
		if err := k.undisturbed(func() error { return c.ReadHead(&head, k.Head.Method, k.left()) }); err != nil {
			return nil, err
		}
	}
	answer := &filter.CallResponse{Head: &stream.ResponseHead{Status: head.Status, Version: head.Version}}
	answer.Head.Headers.CopyFrom(&head.Headers)
	read := int64(0)
	for end := c.Done(); !end; {
		var chunk []byte
		if err := k.undisturbed(func() (err error) {
			chunk, end, err = c.ReadBody(k.left())
			return err
		}); err != nil {
			return answer, err
		}
		if read += int64(len(chunk)); read > k.MaxBody {
			if k.drop {
				return answer, errEnough
			}
			return answer, errCallBody
		}
		if k.drop {
			continue
		}
		answer.Body = append(answer.Body, chunk...)
	}
	if t := c.Trailers(); t != nil {
		answer.Trailers = new(stream.Headers)
		answer.Trailers.CopyFrom(t)
	}
	return answer, nil
}

// maxInterims bounds the 1xx responses of one call.
const maxInterims = 16

var (
	errCallBody  = fault.New(fault.UpstreamProtocol, "calling for a filter: the answer is larger than the limit", nil)
	errCancelled = fault.New(fault.ClientGone, "calling for a filter: nobody waits any more", nil)
)

// undisturbed does again what an interruption ended early, unless it was
// cancelled.
func (k *call) undisturbed(do func() error) error {
	for {
		err := do()
		switch {
		case err != sock.ErrInterrupted:
			return err
		case k.cancelled.Load():
			return errCancelled
		}
	}
}

// failedCall is the local response that filters know from Envoy.
func failedCall(err error) *filter.CallResponse {
	head := &stream.ResponseHead{Status: 503, Version: stream.HTTP11}
	body := "upstream connect error or disconnect/reset before headers"
	switch fault.KindOf(err) {
	case fault.UpstreamTimeout, fault.ConnectTimeout:
		head.Status, body = 504, "upstream request timeout"
	}
	head.Headers.AddString("content-type", "text/plain")
	return &filter.CallResponse{Head: head, Body: []byte(body)}
}
