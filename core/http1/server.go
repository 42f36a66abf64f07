package http1

import (
	"io"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// ServerOptions are the bounds of a downstream connection.
type ServerOptions struct {
	Limits    Limits
	Window    int           // of bodies, bytes
	Head      time.Duration // a whole head, from its first byte
	BodyIdle  time.Duration // between two reads of a body
	MinRate   int64         // bytes a second over each span of BodyIdle, 0 for none
	WriteIdle time.Duration // a write without progress
}

// Server is a downstream connection: requests come in, responses go out.
// Reading a body may go on beside writing the response.
type Server struct {
	Reader
	writer
	opt *ServerOptions

	Framing Framing // of the request being read
	method  bool    // the request's method is HEAD
	version stream.Version
	closing bool // after this response
	rate    Rate
}

// NewServer is the server side of t.
func NewServer(t Transport, opt *ServerOptions) *Server {
	s := &Server{opt: opt}
	s.Reader.init(t, opt.Limits, opt.Window)
	s.writer.t = t
	return s
}

// Tunnel is the connection, which has left HTTP.
func (s *Server) Tunnel() Tunnel { return &tunnel{s.Reader.t, s.surplus()} }

// Abort ends the connection so that its client does not take what it got for a
// whole answer.
func (s *Server) Abort() { _ = s.Reader.t.Abort() }

// Await waits for the first bytes of a request, for as long as wait; 0 is for
// ever. io.EOF and sock.ErrTimeout are a client that had no more to ask. An
// idle connection holds no buffer.
func (s *Server) Await(wait time.Duration) error {
	if s.Buffered() {
		return nil
	}
	s.Reader.t.ArmRead(wait)
	return s.await()
}

// Begins says whether the connection begins with text, of which Await found the
// first bytes. It reads on while that is open, within Head.
func (s *Server) Begins(text string) bool {
	s.Reader.t.ArmRead(s.opt.Head)
	for {
		b := s.unread()
		n := min(len(b), len(text))
		if string(b[:n]) != text[:n] {
			return false
		}
		if n == len(text) {
			return true
		}
		if s.more() != nil {
			return false // ReadRequest finds out why
		}
	}
}

// Handover is what was read of a connection that goes on in another protocol.
func (s *Server) Handover() []byte {
	b := append([]byte(nil), s.surplus()...)
	s.Release()
	return b
}

// ReadRequest reads the head of the request that Await found, size bytes
// long. Its errors are faults to be answered, after which the connection is
// of no use.
func (s *Server) ReadRequest(head *stream.RequestHead) (size int, err error) {
	s.method, s.version, s.closing = false, stream.HTTP11, true
	b, err := s.readHead(s.opt.Head)
	for err == sock.ErrInterrupted { // meant for the request before
		b, err = s.readHead(0)
	}
	if err != nil {
		return 0, clientFault(err, "reading head", errHeadTimeout)
	}
	err = ParseRequest(b, head, &s.Framing, &s.opt.Limits)
	s.method = string(head.Method) == "HEAD"
	if err != nil {
		return len(b), err
	}
	s.version, s.closing = head.Version, s.Framing.Close
	s.start(&s.Framing)
	s.rate = Rate{}
	return len(b), nil
}

// Frame is how the request that was read is framed.
func (s *Server) Frame() *Framing { return &s.Framing }

// Interrupt ends a ReadBody that waits, with sock.ErrInterrupted.
func (s *Server) Interrupt() { s.Reader.t.Interrupt() }

// ReadBody is the next piece of the request's body: see [Reader.Next]. A
// client too slow is a fault.
func (s *Server) ReadBody() (chunk []byte, end bool, err error) {
	if !s.Buffered() {
		s.Reader.t.ArmRead(s.opt.BodyIdle)
	}
	chunk, end, err = s.Next()
	switch {
	case err == sock.ErrInterrupted:
	case err != nil:
		err = clientFault(err, "reading body", errBodyTimeout)
	case s.opt.MinRate > 0 && !end && !s.rate.Enough(len(chunk), s.opt.MinRate, s.opt.BodyIdle):
		err = errBodyTimeout
	}
	return chunk, end, err
}

// clientFault says what an error of reading means for the request. A
// connection that broke is the client's end, not an error of ours.
func clientFault(err error, op string, late error) error {
	switch {
	case err == sock.ErrTimeout:
		return late
	case err == ErrTruncated:
		return errTruncated
	case fault.KindOf(err) != fault.Unknown:
		return err
	}
	return fault.New(fault.ClientGone, op, err)
}

// Drain reads off what is left of a body, if that is at most limit bytes and
// comes within wait: the next request stands behind it.
func (s *Server) Drain(limit int64, wait time.Duration) bool {
	if s.Left() > limit {
		return false
	}
	s.Reader.t.ArmRead(wait)
	for limit >= 0 {
		chunk, end, err := s.Next()
		switch {
		case err == sock.ErrInterrupted: // meant for a reader before us
		case err != nil:
			return false
		case end:
			return true
		}
		limit -= int64(len(chunk))
	}
	return false
}

// Close says that the connection ends after this response.
func (s *Server) Close() { s.closing = true }

// DropRest says that the rest of the request will not be read: the connection
// ends after this response.
func (s *Server) DropRest() { s.closing = true }

// Closing says whether it does.
func (s *Server) Closing() bool { return s.closing }

// WriteInterim sends a 1xx response. HTTP/1.0 knows none.
func (s *Server) WriteInterim(h *stream.ResponseHead) error {
	if s.version == stream.HTTP10 {
		return nil
	}
	s.writer.t.ArmWrite(s.opt.WriteIdle)
	s.set(appendResponse(s.gathered(), h, responseFraming{length: NoBody}))
	return s.flush()
}

// WriteUpgrade sends the 101 that makes the connection a tunnel.
func (s *Server) WriteUpgrade(h *stream.ResponseHead) error {
	s.closing = true
	s.writer.t.ArmWrite(s.opt.WriteIdle)
	s.set(appendResponse(s.gathered(), h, responseFraming{length: NoBody, upgrade: true}))
	return s.flush()
}

// WriteHead sends the response's head, with the first piece of its body, or
// all of it if end. length is that of the whole body if it is known.
func (s *Server) WriteHead(h *stream.ResponseHead, length int64, chunk []byte, end bool, trailers *stream.Headers) error {
	f := responseFraming{length: length}
	switch {
	case h.Status < 200 || h.Status == 204:
		f.length, chunk, end = NoBody, nil, true
	case s.method || h.Status == 304:
		f.length = declaredLength(&h.Headers)
		chunk, end = nil, true
	case end && trailers == nil:
		f.length = int64(len(chunk))
	}
	if f.length == Unknown && s.version == stream.HTTP10 {
		f.length = NoBody
		s.closing = true
	}
	f.close = s.closing
	f.keep = !s.closing && s.version == stream.HTTP10
	s.begin(f.length)
	if s.method || h.Status == 304 {
		s.known = false
	}
	s.writer.t.ArmWrite(s.opt.WriteIdle)
	s.set(appendResponse(s.gathered(), h, f))
	return s.put(chunk, end, trailers)
}

// declaredLength is the length that a response without a body tells of.
func declaredLength(h *stream.Headers) int64 {
	f := Framing{Length: -1}
	v, ok := h.Get("content-length")
	if !ok || f.addLength(v) != nil {
		return NoBody
	}
	return f.Length
}

// WriteBody sends the next piece of the body, and trailers behind the last.
// A body that differs from the length that was said is an error: the
// connection must be aborted then.
func (s *Server) WriteBody(chunk []byte, end bool, trailers *stream.Headers) error {
	if s.ended {
		return nil
	}
	s.writer.t.ArmWrite(s.opt.WriteIdle)
	return s.put(chunk, end, trailers)
}

// Ended says whether the response was written to its end.
func (s *Server) Ended() bool { return s.ended }

// NextRequest ends an exchange that was complete in both directions. false means
// that the connection is to be closed.
func (s *Server) NextRequest() bool {
	if s.closing || !s.Done() || !s.ended {
		return false
	}
	s.Finish()
	if s.n == 0 {
		s.writer.drop()
	}
	s.ended = false
	return true
}

// Release gives the buffers back. The connection is of no use after it.
func (s *Server) Release() {
	s.Reader.drop()
	s.writer.drop()
}

// Linger closes politely: the client can read all we sent, though it sends on.
// What it sends is read off, up to limit bytes and wait in all, so that the
// kernel does not answer it with a reset that would destroy our last words.
func (s *Server) Linger(limit int64, wait time.Duration) {
	t := s.Reader.t
	if t.CloseWrite() == nil {
		t.ArmRead(wait)
		b := classes[0].Get()
		for n := 0; limit > 0; limit -= int64(n) {
			var err error
			if n, err = t.Read(*b); err != nil {
				break
			}
		}
		classes[0].Put(b)
	}
	_ = t.Close()
}

var (
	errHeadTimeout = fault.New(fault.HeadTimeout, "reading head", sock.ErrTimeout)
	errBodyTimeout = fault.New(fault.BodyTimeout, "reading body", sock.ErrTimeout)
	errTruncated   = fault.New(fault.Truncated, "reading request", io.ErrUnexpectedEOF)
)
