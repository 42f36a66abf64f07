package http2

import "golang.org/x/net/http2"

// readData takes a DATA frame (RFC 9113, section 6.1): its bytes go from the
// input into the stream's buffer as they come.
func (c *conn) readData(h http2.FrameHeader) error {
	if h.StreamID == 0 {
		return refuse(http2.ErrCodeProtocol, "DATA on stream 0")
	}
	size, pad := int(h.Length), 0
	if h.Flags.Has(http2.FlagDataPadded) {
		if size == 0 {
			return refuse(http2.ErrCodeFrameSize, "padded DATA without a byte")
		}
		b, err := c.in.octet()
		if err != nil {
			return err
		}
		size, pad = size-1, int(b)
		if pad > size {
			return refuse(http2.ErrCodeProtocol, "more padding than payload")
		}
		size -= pad
	}
	end := h.Flags.Has(http2.FlagDataEndStream)
	if err := c.admit(h, size, end); err != nil {
		if err = c.refuseStream(h.StreamID, err); err != nil {
			return err
		}
	}
	c.patience = c.opt.BodyIdle
	for size > 0 {
		b, err := c.in.peek()
		if err != nil {
			return err
		}
		b = b[:min(size, len(b))]
		c.mu.Lock()
		if s := c.streams[h.StreamID]; s != nil {
			s.put(b)
		} else {
			c.refund(len(b))
		}
		c.mu.Unlock()
		c.in.take(len(b))
		size -= len(b)
		if c.began != 0 {
			c.began = c.now() // a body is slow by its own bounds
		}
	}
	if err := c.in.skip(pad); err != nil || !end {
		return err
	}
	c.mu.Lock()
	var err error
	if s := c.streams[h.StreamID]; s != nil && s.how == unknown {
		err = s.endReceiving()
	}
	c.mu.Unlock()
	return c.refuseStream(h.StreamID, err)
}

// admit decides about a DATA frame of which size bytes are body, and takes its
// length off the windows.
func (c *conn) admit(h http2.FrameHeader, size int, end bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	length := int(h.Length)
	if size == 0 && !end {
		if err := c.spent.spend(spendEmpty, c.now()); err != nil {
			return err
		}
	}
	s := c.streams[h.StreamID]
	if s == nil && c.isIdle(h.StreamID) {
		return refuse(http2.ErrCodeProtocol, "DATA for a stream that was never opened")
	}
	if length > c.recvWindow {
		return refuse(http2.ErrCodeFlowControl, "DATA beyond the connection's window")
	}
	c.recvWindow -= length
	c.refund(length - size)
	if err := c.late(s, h.StreamID); err != nil || s == nil || s.how != unknown {
		return err
	}
	if length > s.recvWindow {
		return reset(http2.ErrCodeFlowControl, "DATA beyond the stream's window")
	}
	s.recvWindow -= length
	s.refund(length - size)
	s.received += int64(size)
	if s.expected >= 0 && s.received > s.expected {
		s.cause = errBodyLength
		return reset(http2.ErrCodeProtocol, errBodyLength.Error())
	}
	return nil
}

// late decides about DATA or HEADERS for a stream whose peer may send no more.
// The lock is held.
func (c *conn) late(s *Stream, id uint32) error {
	how := unknown
	switch {
	case s == nil:
		how = c.closed.of(id)
	case s.how != unknown:
		how = s.how
	case s.recvEnd:
		return reset(http2.ErrCodeStreamClosed, "frame behind the stream's end")
	default:
		return nil
	}
	switch how {
	case ended:
		return refuse(http2.ErrCodeStreamClosed, "frame for a stream that both sides have ended")
	case theyReset:
		return reset(http2.ErrCodeStreamClosed, "frame for a stream that its sender has reset")
	}
	return c.spent.spend(spendLate, c.now())
}
