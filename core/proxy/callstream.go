package proxy

import (
	"sync"
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
)

// Bounds of a streaming call that has no time-out, and of what its filter may
// send ahead of the upstream, in bytes.
const (
	maxStreamIdle  = 24 * time.Hour
	maxStreamQueue = 4 << 20
)

// Stream starts a request that streams both ways. One goroutine carries the
// answer, a second the rest of the request.
func (c *Caller) Stream(r filter.StreamRequest, to filter.StreamAnswer) (filter.StreamCall, error) {
	cl, err := c.cluster(r.Cluster)
	if err != nil {
		return nil, err
	}
	s := &callStream{head: r.Head, to: to, cluster: cl, queue: r.Body, ended: r.End, code: grpc.None}
	s.trace, s.name = trace.BeginCall(c.spans, r.Trace, r.Head), r.Cluster
	s.news.L = &s.mu
	if r.Timeout > 0 {
		s.by = time.Now().Add(r.Timeout)
	}
	go func() {
		defer contain(c.log, "streaming for a filter", s.Cancel)
		growStack(0)
		s.run()
	}()
	return s, nil
}

// callStream is one streaming request of a filter.
type callStream struct {
	head    *stream.RequestHead
	to      filter.StreamAnswer
	cluster *cluster.Cluster
	by      time.Time // zero: no time-out
	name    string    // of the cluster
	trace   trace.Call
	status  int       // of the answer, 0 without
	code    grpc.Code // of a gRPC call, grpc.None before it is answered

	mu    sync.Mutex
	news  sync.Cond
	queue []byte // still to be sent
	ended bool   // with nothing behind it
	over  bool   // cancelled, or answered to the end
	still bool   // the connection takes no more of the queue
	more  bool   // of the queue has left, behind what can be sent again
	conn  *pool.Conn
}

// Send implements filter.StreamCall.
func (s *callStream) Send(b []byte, end bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.over || len(s.queue)+len(b) > maxStreamQueue {
		return false
	}
	s.queue, s.ended = append(s.queue, b...), end
	s.news.Signal()
	return true
}

// Cancel implements filter.StreamCall.
func (s *callStream) Cancel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.news.Signal()
	if s.conn != nil {
		s.conn.Abort()
	}
}

func (s *callStream) cancelled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// attach notes the connection that Cancel has to end, nil for none any more.
// It answers false where the call is cancelled.
func (s *callStream) attach(c *pool.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = c
	return !s.over
}

// next waits for what is to be sent, and takes it. ok is false where nothing is
// any more.
func (s *callStream) next(first bool) (b []byte, end, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !first && len(s.queue) == 0 && !s.ended && !s.over && !s.still {
		s.news.Wait()
	}
	if s.over || s.still {
		return nil, false, false
	}
	b, s.queue = s.queue, nil
	s.more = s.more || !first
	return b, s.ended, true
}

// left is the time that a step may take.
func (s *callStream) left() time.Duration {
	if s.by.IsZero() {
		return maxStreamIdle
	}
	return max(time.Until(s.by), time.Millisecond)
}

// run makes the call, once more where a connection had ended while idle.
func (s *callStream) run() {
	s.cluster.Enter()
	defer s.cluster.Leave()
	first, end, _ := s.next(true)
	var last *cluster.Endpoint
	for try := 0; ; try++ {
		ep, err := s.cluster.Pick(last)
		if err != nil {
			s.trace.End(s.head, s.name, "", trace.Broken(0, err))
			s.finish(nil, err)
			return
		}
		c, err := ep.GetWithin(s.left(), try > 1)
		if err != nil {
			s.trace.End(s.head, s.name, ep.Addr, trace.Broken(0, err))
			ep.Broke(err)
			s.finish(nil, err)
			return
		}
		err = errCancelled
		if s.attach(c) {
			err = s.carry(c, first, end)
		}
		s.attach(nil)
		stale := !c.Sent() && !s.more && fault.KindOf(err) == fault.StaleConn && try < 3
		if !stale {
			o := trace.Broken(s.status, err)
			o.GRPC = s.code
			s.trace.End(s.head, s.name, ep.Addr, o)
		}
		if err == nil {
			ep.Done(false)
			ep.Put(c)
			return
		}
		if stale {
			ep.Broke(nil)
		} else {
			ep.Broke(err)
		}
		ep.Discard(c)
		if !stale {
			s.finish(nil, err)
			return
		}
		last = ep
	}
}

// finish tells the end, unless it was told or nobody waits for it.
func (s *callStream) finish(trailers *stream.Headers, err error) {
	s.mu.Lock()
	told := s.over
	s.over = true
	s.mu.Unlock()
	if !told {
		s.to.End(trailers, err)
	}
}

// carry sends the request over a connection and passes the answer on.
func (s *callStream) carry(c *pool.Conn, first []byte, end bool) error {
	f := http1.RequestFraming{Length: http1.Unknown}
	if err := s.undisturbed(func() error { return c.Send(s.head, &f, first, end, nil, s.left()) }); err != nil {
		return err
	}
	sent := make(chan bool, 1)
	if end {
		sent <- true
	} else {
		go func() {
			whole := false
			defer func() { sent <- whole }()
			whole = s.upload(c)
		}()
	}
	err := s.receive(c)
	whole := false
	select {
	case whole = <-sent:
	default: // it is answered already: who still sends is stopped
		s.mu.Lock()
		s.still = true
		s.news.Signal()
		s.mu.Unlock()
		c.Abort()
		<-sent
		s.still = false
	}
	if err == nil && !whole {
		err = errEarly
	}
	return err
}

var errEarly = fault.New(fault.ClientGone, "streaming for a filter: answered before the request's end", nil)

// upload sends the rest of the request, and says whether that was all.
func (s *callStream) upload(c *pool.Conn) bool {
	for {
		b, end, ok := s.next(false)
		if !ok || c.WriteBody(b, end, nil) != nil { // the answer tells what went wrong
			return false
		}
		if end {
			return true
		}
	}
}

// receive passes the answer on.
func (s *callStream) receive(c *pool.Conn) error {
	var head stream.ResponseHead
	for interims := 0; head.Status < 200; interims++ {
		if interims > maxInterims {
			return errInterims
		}
		head.Reset()
		if err := s.undisturbed(func() error { return c.ReadHead(&head, s.head.Method, s.left()) }); err != nil {
			return err
		}
	}
	s.status = head.Status
	if s.cancelled() {
		return errCancelled
	}
	chunk, end, err := c.Ready() // the end may have come with the head
	if err != nil {
		return err
	}
	s.to.Head(&head, end && len(chunk) == 0 && c.Trailers() == nil)
	for {
		if s.cancelled() {
			return errCancelled
		}
		if len(chunk) > 0 {
			s.to.Body(chunk)
		}
		if end {
			break
		}
		if err := s.undisturbed(func() (err error) {
			chunk, end, err = c.ReadBody(s.left())
			return err
		}); err != nil {
			return err
		}
	}
	if grpc.IsCall(s.head) {
		s.code = grpc.Ended(&head, c.Trailers())
	}
	s.finish(c.Trailers(), nil)
	return nil
}

// undisturbed does again what an interruption ended early, unless the call was
// cancelled.
func (s *callStream) undisturbed(do func() error) error {
	for {
		switch err := do(); {
		case err == nil:
			return nil
		case s.cancelled():
			return errCancelled
		case err != sock.ErrInterrupted:
			return err
		}
	}
}
