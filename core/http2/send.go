package http2

import (
	"golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// starts notes the length of the body to send, or http1.Unknown.
func (s *Stream) starts(length int64) { s.known, s.left = length >= 0, length }

// send writes a head, if there is one, and a piece of the body, waiting for the
// peer's credit and for room. With end the stream ends behind it, by trailers
// if any of them may be sent.
func (s *Stream) send(head *encoder, chunk []byte, end bool, trailers *stream.Headers) error {
	tail, err := s.piece(chunk, end, trailers)
	if err != nil {
		return err
	}
	if tail != nil {
		defer tail.done()
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if err := s.append(head, chunk, end, tail); err != nil {
		return err
	}
	s.c.flush()
	return nil
}

// piece counts a piece of the body, and makes the trailers behind the last: nil
// if there are none.
func (s *Stream) piece(chunk []byte, end bool, trailers *stream.Headers) (tail *encoder, err error) {
	if s.known {
		if int64(len(chunk)) > s.left || end && int64(len(chunk)) < s.left {
			return nil, http1.ErrWrongLength
		}
		s.left -= int64(len(chunk))
	}
	if !end || trailers == nil {
		return nil, nil
	}
	if tail = newBlock(); !tail.trailers(trailers) {
		tail.done()
		return nil, nil
	}
	return tail, nil
}

func (s *Stream) append(head *encoder, chunk []byte, end bool, tail *encoder) error {
	if head != nil {
		if err := s.roomForHead(); err != nil {
			return err
		}
		last := end && len(chunk) == 0 && tail == nil
		s.appendBlock(head, last)
		if last {
			s.sent()
			return nil
		}
	}
	if len(chunk) > 0 || end && tail == nil {
		if err := s.data(chunk, end && tail == nil); err != nil {
			return err
		}
	}
	if tail != nil {
		if err := s.roomForHead(); err != nil {
			return err
		}
		s.appendBlock(tail, true)
		s.sent()
	}
	return nil
}

// sent notes that END_STREAM is on its way. The lock is held.
func (s *Stream) sent() {
	s.sendEnd = true
	s.bothEnded()
}

// data appends DATA frames. The lock is held, but not while it waits.
func (s *Stream) data(b []byte, end bool) error {
	c := s.c
	for {
		if err := s.writable(); err != nil {
			return err
		}
		n := min(int64(len(b)), max(0, min(s.sendWindow, c.sendWindow, int64(c.peer.frame), int64(c.out.room()))))
		if n > 0 || len(b) == 0 {
			last := n == int64(len(b))
			c.appendData(s.id, b[:n], end && last)
			b = b[n:]
			s.sendWindow -= n
			c.sendWindow -= n
			c.spent.earnData()
			s.writeSince, s.writeLate = 0, false
			if last {
				if end {
					s.sent()
				}
				return nil
			}
			continue
		}
		if err := s.blocked(); err != nil {
			return err
		}
	}
}

// roomForHead waits until a head may be appended.
func (s *Stream) roomForHead() error {
	for {
		if err := s.writable(); err != nil {
			return err
		}
		if s.c.out.room() > 0 {
			s.writeSince, s.writeLate = 0, false
			return nil
		}
		if err := s.blocked(); err != nil {
			return err
		}
	}
}

// blocked waits for room or credit, after what pends was written if nobody
// does that.
func (s *Stream) blocked() error {
	c := s.c
	if c.out.buf != nil && !c.out.flushing {
		c.flush()
		return nil
	}
	c.out.blocked++
	err := s.wait(&s.writeSince, &s.writeLate)
	c.out.blocked--
	return err
}

// writable is why nothing more can be sent, or nil. The lock is held.
func (s *Stream) writable() error {
	switch {
	case s.err != nil:
		return s.err
	case s.c.err != nil:
		return s.c.err
	case s.c.out.broken != nil:
		return s.c.out.broken
	case s.sendEnd:
		return errOver
	}
	return nil
}

// reset ends the stream with RST_STREAM. The lock is held.
func (s *Stream) reset(code http2.ErrCode, why error) {
	if s.how == unknown || s.how == ended && code != http2.ErrCodeNo {
		s.c.appendReset(s.id, code)
	}
	s.shut(weReset)
	s.end(why)
}
