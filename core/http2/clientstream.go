package http2

import (
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// ClientStream is a request and its response. Writing the request's body may go
// on beside reading the response. It is of no use once it was closed.
type ClientStream struct {
	Stream
	client *Client

	// Under the connection's lock.
	begun    bool // it has a number
	unsent   bool // the upstream said that it did not look at the request
	answered bool // a head came
	final    bool // the final one
	heads    []responseHead
	fields   []hpack.HeaderField // of the heads that wait

	isHead  bool // the request's method
	connect bool // extended CONNECT
	key     []byte
	framing http1.Framing // of the head that was read last
	read    bool          // the final head was read
}

// Sent says whether the upstream may have seen the request.
func (s *ClientStream) Sent() bool {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	return s.begun && !s.unsent
}

// WriteBody writes the next piece of the request's body, and trailers behind
// the last. It waits for the upstream's credit.
func (s *ClientStream) WriteBody(chunk []byte, end bool, trailers *stream.Headers) error {
	if s.Ended() {
		return nil
	}
	return writeFault(s.send(nil, chunk, end, trailers))
}

// ReadHead reads the head of the next response, an interim one too, within
// wait. The answer 200 to an extended CONNECT is given as 101.
func (s *ClientStream) ReadHead(h *stream.ResponseHead, _ []byte, wait time.Duration) error {
	c := s.client
	c.mu.Lock()
	defer c.mu.Unlock()
	s.readWait, s.readSince, s.readLate = int64(wait), 0, false
	for len(s.heads) == 0 {
		if s.interrupted {
			s.interrupted = false
			return sock.ErrInterrupted
		}
		if err := s.readError(); err != nil {
			return upstreamFault(err)
		}
		if s.recvEnd {
			return errNoHead
		}
		if err := s.pause(); err != nil {
			return err
		}
	}
	s.readSince = 0
	s.give(h)
	s.read = h.Status >= 200
	return nil
}

// pause waits for something to read, after what pends was written.
func (s *ClientStream) pause() error {
	if s.c.out.buf != nil && !s.c.out.flushing {
		s.c.flush()
		return nil
	}
	return upstreamFault(s.wait(&s.readSince, &s.readLate))
}

// Frame is how the response that was read is framed: with Chunked, a body of
// unknown length follows, or one behind which HTTP/1 can send trailers only so.
func (s *ClientStream) Frame() *http1.Framing { return &s.framing }

// Ready is what was received of the response's body already; it never waits.
func (s *ClientStream) Ready() (chunk []byte, end bool, err error) {
	chunk, end, err = s.Stream.Ready()
	return chunk, end, upstreamFault(err)
}

// ReadBody is the next piece of the response's body, for which it waits. The
// chunk is valid until the next call.
func (s *ClientStream) ReadBody(wait time.Duration) (chunk []byte, end bool, err error) {
	s.client.mu.Lock()
	s.readWait, s.readSince, s.readLate = int64(wait), 0, false
	s.client.mu.Unlock()
	chunk, end, err = s.Stream.ReadBody()
	return chunk, end, upstreamFault(err)
}

// Interrupt ends a read that waits, or else the next one that would, with
// sock.ErrInterrupted.
func (s *ClientStream) Interrupt() {
	s.client.mu.Lock()
	s.interrupted = true
	s.cond.Broadcast()
	s.client.mu.Unlock()
}

// Abort resets the stream, also for whoever reads or writes; Close follows.
func (s *ClientStream) Abort() {
	c := s.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if !s.begun {
		return
	}
	s.cancel()
	s.end(errOver)
}

// cancel tells the upstream that nobody waits for its response any more, unless
// the stream is over. The lock is held.
func (s *ClientStream) cancel() {
	if s.how != unknown {
		return
	}
	c := s.client
	s.reset(http2.ErrCodeCancel, errOver)
	// What is under way of it already is no offence of the upstream's.
	c.spent.left[spendLate] = min(c.spent.left[spendLate]+lateFrames, maxLate)
	c.flushAside()
}

const (
	lateFrames = 64 // that a stream may have under way when we reset it
	maxLate    = 1 << 20
)

// Alive says whether the connection can still be used.
func (s *ClientStream) Alive() bool {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	return s.client.err == nil
}

// Reusable says whether both messages ended where they said.
func (s *ClientStream) Reusable() bool {
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	return s.read && s.recvEnd && s.w == 0 && s.sendEnd
}

// Close ends the stream, by a reset if it is not over. Nobody may use it any
// more.
func (s *ClientStream) Close() {
	c := s.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.begun {
		if s.read && s.recvEnd {
			c.spent.earn()
		}
		s.cancel()
		s.over()
		c.flush()
	}
	s.begun, s.unsent, s.answered, s.final, s.read = false, false, false, false, false
	s.heads, s.fields = s.heads[:0], keptFields(s.fields)
	s.isHead, s.connect, s.key, s.framing = false, false, nil, http1.Framing{}
	s.interrupted = false
	if len(c.free) < c.opt.Streams {
		c.free = append(c.free, s)
	}
}
