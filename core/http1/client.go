package http1

import (
	"errors"
	"io"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// ClientOptions are the bounds of an upstream connection.
type ClientOptions struct {
	Head      int // largest response head, bytes
	HeadCount int // fields of it
	Window    int // of bodies, bytes
	BodyIdle  time.Duration
	WriteIdle time.Duration
}

// Client is an upstream connection: requests go out, responses come in.
// Writing a request's body may go on beside reading the response.
type Client struct {
	Reader
	writer
	opt *ClientOptions

	Framing Framing // of the response being read
	used    bool    // answered a request before this one
	fresh   bool    // the answer's first byte is not yet there
	wrote   bool
	final   bool // the head that was read last is no interim one
}

// NewClient is the client side of t.
func NewClient(t Transport, opt *ClientOptions) *Client {
	c := &Client{opt: opt}
	c.Reader.init(t, Limits{Bytes: opt.Head, Count: opt.HeadCount, Line: opt.Head}, opt.Window)
	c.writer.t = t
	return c
}

// Tunnel is the connection, which has left HTTP.
func (c *Client) Tunnel() Tunnel { return &tunnel{c.Reader.t, c.surplus()} }

// Abort ends the connection at once, also for whoever reads or writes it; Close
// follows.
func (c *Client) Abort() { _ = c.Reader.t.Close() }

// Alive says whether an idle connection can still be used.
func (c *Client) Alive() bool { return c.Reader.t.Alive() == nil }

// Frame is how the response that was read is framed.
func (c *Client) Frame() *Framing { return &c.Framing }

// Interrupt ends a read that waits, with sock.ErrInterrupted.
func (c *Client) Interrupt() { c.Reader.t.Interrupt() }

// Used says whether the connection has answered a request before.
func (c *Client) Used() bool { return c.used }

// firstWindow is the size of the buffer for a response's head and what comes
// with it, in bytes: most answers fit, in one read.
const firstWindow = 16 << 10

// Send writes a request's head, with the first piece of its body, or all of
// it if end; then it also waits for the first bytes of the response, within
// wait. A fault of kind StaleConn with Sent false means that nothing left:
// the request can go to another connection at no risk.
func (c *Client) Send(h *stream.RequestHead, f *RequestFraming, chunk []byte, end bool, trailers *stream.Headers, wait time.Duration) error {
	c.begin(f.Length)
	c.fresh, c.wrote, c.final = true, false, false
	c.writer.t.ArmWrite(c.opt.WriteIdle)
	out := appendRequest(c.gathered(), h, f)
	c.set(out)
	if f.Length == NoBody {
		end = true
	}
	if !end || c.chunked || len(chunk) > gatherLimit {
		if err := c.Reader.t.Alive(); err != nil {
			c.reset()
			return c.fault(err)
		}
		c.wrote = true
		if err := c.put(chunk, end, trailers); err != nil {
			return c.fault(err)
		}
		return nil
	}
	if c.left = f.Length; len(chunk) > 0 || f.Length > 0 {
		if int64(len(chunk)) != f.Length {
			return ErrWrongLength
		}
		out = append(out, chunk...)
		c.set(out)
	}
	c.ended = true
	if c.head == nil {
		c.head = classOf(firstWindow).Get()
	}
	c.Reader.t.ArmRead(wait)
	n, wrote, err := c.Reader.t.Exchange(out, *c.head)
	c.reset()
	c.wrote = wrote
	if err != nil {
		return c.fault(err)
	}
	c.r, c.w = 0, n
	c.fresh = false
	return nil
}

// Sent says whether any byte of the request may have left.
func (c *Client) Sent() bool { return c.wrote }

// WriteBody writes the next piece of the request's body, and trailers behind
// the last.
func (c *Client) WriteBody(chunk []byte, end bool, trailers *stream.Headers) error {
	if c.ended {
		return nil
	}
	c.writer.t.ArmWrite(c.opt.WriteIdle)
	err := c.put(chunk, end, trailers)
	switch {
	case err == nil:
		return nil
	case err == sock.ErrTimeout:
		return errUpstreamTimeout
	case err == ErrWrongLength:
		return err
	}
	return fault.New(fault.UpstreamReset, "sending body to the upstream", err)
}

// Ended says whether the request was written to its end.
func (c *Client) Ended() bool { return c.ended }

// ReadHead reads the head of the next response, an interim one too, within
// wait. method is the request's.
func (c *Client) ReadHead(h *stream.ResponseHead, method []byte, wait time.Duration) error {
	if c.head == nil || c.r == c.w {
		c.Reader.t.ArmRead(wait)
	}
	if c.head == nil {
		c.head = classOf(firstWindow).Get()
		c.r, c.w = 0, 0
	}
	for c.r == c.w {
		if err := c.more(); err != nil {
			return c.fault(err)
		}
	}
	c.fresh = false
	b, err := c.readHead(0)
	if err != nil {
		return c.fault(err)
	}
	if err := ParseResponse(b, h, &c.Framing, method, c.opt.HeadCount); err != nil {
		return err
	}
	c.final = h.Status >= 200 // after a 101 the connection speaks another protocol
	c.start(&c.Framing)
	return nil
}

// Ready is what was read along of the response's body: see [Reader.Ready].
func (c *Client) Ready() (chunk []byte, end bool, err error) {
	chunk, end, err = c.Reader.Ready()
	if err != nil {
		err = c.fault(err)
	}
	return chunk, end, err
}

// ReadBody is the next piece of the response's body: see [Reader.Next].
func (c *Client) ReadBody(wait time.Duration) (chunk []byte, end bool, err error) {
	if !c.Buffered() {
		c.Reader.t.ArmRead(wait)
	}
	chunk, end, err = c.Next()
	if err != nil && err != sock.ErrInterrupted {
		err = c.fault(err)
	}
	return chunk, end, err
}

// ReadAvailable is ReadBody without waiting, but for the rest of a TLS record that
// has begun to come. there is false where nothing of the body has come yet.
func (c *Client) ReadAvailable(wait time.Duration) (chunk []byte, end, there bool, err error) {
	for c.Buffered() || c.Reader.t.Peek() != sock.Quiet {
		if !c.Buffered() {
			c.Reader.t.ArmRead(wait)
		}
		if err := c.fill(); err != nil {
			if err = c.bodyEnd(err); err == errEnd {
				return nil, true, true, nil
			}
			if err != sock.ErrInterrupted {
				err = c.fault(err)
			}
			return nil, false, true, err
		}
		if chunk, end, err = c.Ready(); err != nil || end || len(chunk) > 0 {
			return chunk, end, true, err
		}
	}
	return nil, c.Done(), c.Done(), nil
}

// Reusable ends an exchange. true means that the connection can carry another
// request: the final response was read, both messages ended where they said,
// nothing is left unread, and neither side means to close.
func (c *Client) Reusable() bool {
	if !c.final || !c.Done() || !c.ended || c.Framing.Close || c.Buffered() || c.Framing.Length < 0 && c.Framing.UntilEOF {
		return false
	}
	c.Finish()
	c.writer.drop()
	c.used, c.ended = true, false
	return true
}

// Close ends the connection and gives its buffers back. Nobody may read or
// write any more.
func (c *Client) Close() {
	_ = c.Reader.t.Close()
	c.Reader.drop()
	c.writer.drop()
}

// fault says what an error of the connection means for the request.
func (c *Client) fault(err error) error {
	switch {
	case err == sock.ErrInterrupted, err == ErrWrongLength:
		return err
	case err == sock.ErrTimeout:
		return errUpstreamTimeout
	case err == sock.ErrStale, c.fresh && c.used && (isEnd(err) || isReset(err)):
		return errStaleConn
	case isEnd(err), errors.Is(err, ErrTruncated):
		return errUpstreamEnd
	case fault.KindOf(err) != fault.Unknown:
		return upstreamError(err)
	}
	return fault.New(fault.UpstreamReset, "talking to the upstream", err)
}

var (
	errUpstreamTimeout = fault.New(fault.UpstreamTimeout, "waiting for the upstream", sock.ErrTimeout)
	errStaleConn       = fault.New(fault.StaleConn, "reusing a connection to the upstream", sock.ErrStale)
	errUpstreamEnd     = fault.New(fault.UpstreamReset, "reading response", io.ErrUnexpectedEOF)
)
