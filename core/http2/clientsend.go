package http2

import (
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// Send writes a request's head, with the first piece of its body, or all of it
// if end. It waits for the upstream's credit, not for its response. A fault of
// kind StaleConn with Sent false means that the request can go to another
// connection at no risk.
func (s *ClientStream) Send(h *stream.RequestHead, f *http1.RequestFraming, chunk []byte, end bool, trailers *stream.Headers, _ time.Duration) error {
	if f.Length == http1.NoBody {
		end = true
	}
	s.isHead = string(h.Method) == "HEAD"
	s.connect = f.Upgrade
	if s.connect {
		if !s.client.takesConnect() {
			return errNoConnect
		}
		s.key = h.Headers.Peek("sec-websocket-key")
		end = false // what follows is the tunnel's
	}
	s.starts(f.Length)
	if s.connect {
		s.starts(http1.Unknown)
	}
	tail, err := s.piece(chunk, end, trailers)
	if err != nil {
		return err
	}
	if tail != nil {
		defer tail.done()
	}
	head := request(h, f)
	defer head.done()
	c := s.client
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.queue(); err != nil {
		return err
	}
	c.number(s)
	s.begun = true
	s.expected = 0 // no body before a head
	err = s.append(head, chunk, end, tail)
	switch {
	case err == nil, s.answered: // perhaps an answer came before the body went, and a reset with it
	case s.unsent:
		return errUnprocessed
	case s.err == nil && c.out.broken != nil: // or is yet to be read
	default:
		return writeFault(err)
	}
	c.flush()
	return nil
}

// queue waits until a head may be appended. The lock is held, but not while it
// waits.
func (c *Client) queue() error {
	for {
		switch {
		case c.err != nil || c.out.broken != nil || c.limit.Load() == 0:
			return errUnprocessed
		case c.out.room() > 0:
			return nil
		case !c.out.flushing:
			c.flush()
		default:
			c.out.still.Wait()
		}
	}
}

// takesConnect says whether the upstream takes extended CONNECT.
func (c *Client) takesConnect() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peer.connect
}

// writeFault is what a write that failed means. Of a stream that was reset it is
// the reader who finds out: the upstream may have answered before that.
func writeFault(err error) error {
	switch {
	case err == nil, err == http1.ErrWrongLength:
		return err
	case err == sock.ErrTimeout:
		return errUpstreamTimeout
	}
	return fault.New(fault.UpstreamReset, "sending to the upstream", err)
}
