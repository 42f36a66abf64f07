package http2

import (
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// ServerStream is a request and its response. Reading the body may go on beside
// writing. It is of no use once the handler has returned.
type ServerStream struct {
	Stream
	srv       *Server
	fields    []hpack.HeaderField
	tooMuch   error // of the head
	bodiless  bool  // the stream's head was all of the request
	framing   http1.Framing
	isHead    bool // the request's method
	malformed bool
	rate      http1.Rate
}

var serverStreams = sync.Pool{New: func() any { return new(ServerStream) }}

// ReadRequest gives the request's head, size bytes long as SETTINGS counts. Its
// errors are faults to be answered.
func (s *ServerStream) ReadRequest(head *stream.RequestHead) (size int, err error) {
	o := &s.srv.conn.opt
	for i := range s.fields {
		size += int(s.fields[i].Size())
	}
	if err = s.tooMuch; err == nil {
		err = parseRequest(s.fields, s.bodiless, head, &s.framing, &o.Limits, s.srv.opt.Connect)
	}
	s.isHead = string(head.Method) == "HEAD"
	if err == nil && s.framing.Length >= 0 {
		err = s.expect(s.framing.Length)
	}
	s.malformed = err != nil && fault.KindOf(err) == fault.BadRequest
	return size, err
}

// expect notes the declared length of the body, of which some may be here.
func (s *ServerStream) expect(n int64) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.expected = n
	if s.received > n || s.recvEnd && s.received != n {
		return errBodyLength
	}
	return nil
}

// Frame is how the request that was read is framed: with Chunked, a body of
// unknown length follows.
func (s *ServerStream) Frame() *http1.Framing { return &s.framing }

// ReadBody is the next piece of the body: see [Stream.ReadBody]. A client too
// slow is a fault.
func (s *ServerStream) ReadBody() (chunk []byte, end bool, err error) {
	chunk, end, err = s.Stream.ReadBody()
	if o := s.srv.opt; o.MinRate > 0 && err == nil && !end && !s.rate.Enough(len(chunk), o.MinRate, o.BodyIdle) {
		err = errBodyTimeout
	}
	return chunk, end, err
}

// Done says whether the request was read to its end. One that asks for a
// tunnel has no body.
func (s *ServerStream) Done() bool { return s.framing.Upgrade || s.Stream.Done() }

// Drain drops what is left of the request: other streams need not wait for it.
func (s *ServerStream) Drain(int64, time.Duration) bool {
	s.c.mu.Lock()
	s.takeBack()
	s.discard()
	s.c.mu.Unlock()
	return true
}

// Close ends the connection gracefully behind the streams that are under way.
func (s *ServerStream) Close() { s.srv.Drain() }

// DropRest says that the rest of the request will not be read. Other streams
// need not mind: the stream is reset behind its response.
func (s *ServerStream) DropRest() {}

// Abort resets the stream, so that the client cannot take what it got for whole.
func (s *ServerStream) Abort() {
	s.c.mu.Lock()
	s.reset(http2.ErrCodeInternal, errOver)
	s.c.flush()
	s.c.mu.Unlock()
}

// finish ends the stream when its handler has returned.
func (s *ServerStream) finish() {
	srv := s.srv
	c := &srv.conn
	c.mu.Lock()
	switch {
	case s.err != nil || c.err != nil:
	case !s.sendEnd:
		s.reset(http2.ErrCodeInternal, errOver)
	case s.malformed:
		c.appendReset(s.id, http2.ErrCodeProtocol)
		s.how = weReset
		if err := c.spent.spend(spendError, c.now()); err != nil {
			c.fail(err)
		}
	case !s.recvEnd:
		s.reset(http2.ErrCodeNo, errOver)
		c.spent.earn()
	default:
		c.spent.earn()
	}
	s.over()
	srv.running--
	c.flush()
	c.mu.Unlock()
	s.recycle()
}

// recycle keeps s for another stream.
func (s *ServerStream) recycle() {
	const most = 256
	if cap(s.fields) > most {
		s.fields = nil
	}
	clear(s.fields)
	s.rate = http1.Rate{}
	s.framing, s.tooMuch, s.isHead, s.malformed = http1.Framing{}, nil, false, false
	serverStreams.Put(s)
}
