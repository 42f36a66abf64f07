package http2

import (
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// put takes bytes of the body in; the stream's window bounds them. The lock is
// held.
func (s *Stream) put(p []byte) {
	if s.unwanted || s.how != unknown {
		s.c.refund(len(p))
		return
	}
	if s.buf == nil {
		s.buf = http1.Buffers(len(p)).Get()
	}
	if n := s.w + len(p); n > len(*s.buf) {
		next := http1.Buffers(n).Get()
		copy(*next, (*s.buf)[:s.w])
		http1.GiveBack(s.buf)
		s.buf = next
	}
	s.w += copy((*s.buf)[s.w:], p)
	s.cond.Broadcast()
}

// endReceiving takes END_STREAM. The lock is held.
func (s *Stream) endReceiving() error {
	if s.expected >= 0 && s.received != s.expected {
		s.cause = errBodyLength
		return reset(http2.ErrCodeProtocol, errBodyLength.Error())
	}
	s.recvEnd = true
	s.bothEnded()
	s.cond.Broadcast()
	return nil
}

// refund credits n bytes to the connection, which tells the peer when it is
// half a window. The lock is held.
func (c *conn) refund(n int) {
	if c.credit += n; c.credit >= c.opt.ConnWindow/2 {
		c.appendUpdate(0, c.credit)
		c.recvWindow += c.credit
		c.credit = 0
	}
}

// refund credits n bytes to the stream.
func (s *Stream) refund(n int) {
	if s.recvEnd || s.how != unknown {
		return
	}
	if s.credit += n; s.credit >= s.c.opt.Window/2 {
		s.c.appendUpdate(s.id, s.credit)
		s.recvWindow += s.credit
		s.credit = 0
	}
}

// takeBack ends the loan of the last piece: its bytes are consumed. The lock is
// held.
func (s *Stream) takeBack() {
	if s.lent == nil {
		return
	}
	http1.GiveBack(s.lent)
	s.lent, s.rest = nil, nil
	s.c.refund(s.lentN)
	s.refund(s.lentN)
}

// discard drops the body, what is here of it and what will come. The lock is
// held.
func (s *Stream) discard() {
	s.unwanted = true
	if s.buf != nil {
		http1.GiveBack(s.buf)
		s.c.refund(s.w)
		s.buf, s.w = nil, 0
	}
}

// lend hands out all there is of the body. The lock is held.
func (s *Stream) lend() (chunk []byte, end bool) {
	s.told = s.recvEnd
	if s.buf == nil {
		return nil, s.told
	}
	s.lent, s.lentN = s.buf, s.w
	s.buf, s.w = nil, 0
	return (*s.lent)[:s.lentN:s.lentN], s.told
}

// Ready is what was received of the body already; it never waits. The chunk is
// valid until the next call. end says that the message ends with it.
func (s *Stream) Ready() (chunk []byte, end bool, err error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.takeBack()
	if s.buf == nil && !s.recvEnd {
		err = s.readError()
	}
	if err == nil {
		chunk, end = s.lend()
	}
	s.c.flush()
	return chunk, end, err
}

// ReadBody is the next piece of the body, for which it waits. What was received
// before the peer reset the stream is read first.
func (s *Stream) ReadBody() (chunk []byte, end bool, err error) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.takeBack()
	for s.buf == nil && !s.recvEnd {
		if s.interrupted {
			s.interrupted = false
			return nil, false, sock.ErrInterrupted
		}
		if err := s.readError(); err != nil {
			return nil, false, err
		}
		if s.c.out.buf != nil && !s.c.out.flushing {
			s.c.flush()
			continue
		}
		if err := s.wait(&s.readSince, &s.readLate); err != nil {
			return nil, false, errBodyTimeout
		}
	}
	s.readSince, s.readLate = 0, false
	chunk, end = s.lend()
	s.c.flush()
	return chunk, end, nil
}

// readError is why no more of the body will come, or nil. The lock is held.
func (s *Stream) readError() error {
	switch {
	case s.cause != nil:
		return s.cause
	case s.err == nil:
		return nil
	case fault.KindOf(s.err) != fault.Unknown:
		return s.err
	}
	return s.c.role.broken(s.err)
}

// Left is what is still to be read of the body, http1.Unknown if nobody knows.
func (s *Stream) Left() int64 {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	switch {
	case s.recvEnd:
		return int64(s.w)
	case s.expected >= 0:
		return s.expected - s.received + int64(s.w)
	}
	return http1.Unknown
}

// Done says whether the message was read to its end. One whose end has come, but
// was not read yet, is not done: its trailers are still to be had.
func (s *Stream) Done() bool {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.told
}

// Trailers are those of the message, read to its end; nil if there were none.
func (s *Stream) Trailers() *stream.Headers {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if !s.recvEnd || s.trailers.Len() == 0 {
		return nil
	}
	return &s.trailers
}

// trailer takes one field, or says that it must not stand there.
func (s *Stream) trailer(f *hpack.HeaderField) bool {
	name, value := spanOf(f.Name), spanOf(f.Value)
	if !validName(name) || !validValue(value) || !http1.MayTrail(name) {
		return false
	}
	if drop, err := s.c.opt.Limits.Drops(f.Name); drop || err != nil {
		return err == nil
	}
	s.trailers.AppendRaw(name, value)
	return true
}
