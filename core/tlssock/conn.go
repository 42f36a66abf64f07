package tlssock

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
)

// Conn is a TLS connection over a [sock.Conn]. As there, reads may go on beside
// writes, but only one of each at a time.
type Conn struct {
	tls   *tls.Conn
	wire  wire
	ahead []byte // what Preview has read and nobody has taken

	// The operation under way, for the bound functions below: a closure per call
	// would be an allocation per call.
	pool    sock.BufferPool
	buf     *[]byte
	out     []byte // of Exchange, until it was written
	into    []byte
	sent    bool
	n       int
	err     error
	firstFn func() bool
	askFn   func() bool
}

// Server is the server's side of TLS over c, by cfg.
func Server(c *sock.Conn, cfg *tls.Config) *Conn {
	t := over(c)
	t.tls = tls.Server(&t.wire, cfg)
	return t
}

// Client is the client's side.
func Client(c *sock.Conn, cfg *tls.Config) *Conn {
	t := over(c)
	t.tls = tls.Client(&t.wire, cfg)
	return t
}

func over(c *sock.Conn) *Conn {
	t := &Conn{wire: wire{Conn: c}}
	t.firstFn, t.askFn = t.tryFirst, t.tryAsk
	return t
}

// Handshake makes the connection one of TLS, within wait. ctx reaches the
// callbacks of the configuration; its end is not heeded.
func (c *Conn) Handshake(ctx context.Context, wait time.Duration) error {
	c.wire.ArmRead(wait)
	c.wire.ArmWrite(wait)
	c.wire.armed.Store(true)
	err := c.tls.HandshakeContext(ctx)
	c.wire.armed.Store(false)
	c.wire.ArmRead(0)
	c.wire.ArmWrite(0)
	return plain(err)
}

// State is what the handshake agreed on.
func (c *Conn) State() tls.ConnectionState { return c.tls.ConnectionState() }

// plain is err as the layers above compare it. crypto/tls wraps what a write
// ended with.
func plain(err error) error {
	if err != nil && errors.Is(err, sock.ErrTimeout) {
		return sock.ErrTimeout
	}
	return err
}

// Read reads what is there, waiting for the first byte. An end that TLS did not
// announce is io.ErrUnexpectedEOF: anybody between could have made it (RFC 8446,
// section 6.1).
func (c *Conn) Read(p []byte) (int, error) {
	if len(c.ahead) > 0 {
		return c.takeAhead(p), nil
	}
	return c.ending(c.tls.Read(p))
}

// ending is what a read ended with. One that brought bytes did not end: crypto/tls
// looks ahead for an end behind them, and would tell of it again.
func (c *Conn) ending(n int, err error) (int, error) {
	switch {
	case n > 0:
		return n, nil
	case err == io.EOF && c.wire.ended:
		return 0, io.ErrUnexpectedEOF
	}
	return 0, plain(err)
}

// take reads what is there without waiting: sock.ErrNothing if that is no byte
// of the application's.
func (c *Conn) take(p []byte) (int, error) {
	if len(c.ahead) > 0 {
		return c.takeAhead(p), nil
	}
	c.wire.nowait = true
	n, err := c.tls.Read(p)
	c.wire.nowait = false
	return c.ending(n, err)
}

// ReadFirst waits for bytes and reads them into a buffer of pool. While it
// waits it holds none. On an error the buffer is nil.
func (c *Conn) ReadFirst(pool sock.BufferPool) (buf *[]byte, n int, err error) {
	c.pool, c.n, c.err = pool, 0, nil
	err = c.wire.Await(c.firstFn)
	buf, c.buf = c.buf, nil
	if err == nil {
		err = c.err
	}
	if err != nil && buf != nil {
		pool.Put(buf)
		buf = nil
	}
	return buf, c.n, err
}

func (c *Conn) tryFirst() (done bool) {
	b := c.pool.Get()
	n, err := c.take(*b)
	if err == sock.ErrNothing {
		c.pool.Put(b)
		return false
	}
	c.buf, c.n, c.err = b, n, err
	return true
}

// Alive fails with sock.ErrStale on an idle connection that ended, or has bytes
// that nobody asked for.
func (c *Conn) Alive() error {
	var b [1]byte
	if _, err := c.take(b[:]); err != sock.ErrNothing {
		return sock.ErrStale
	}
	return nil
}

// Exchange proves that an idle connection is alive, writes out, and reads the
// first bytes of what comes back into p. written says whether any byte may have
// left.
func (c *Conn) Exchange(out, p []byte) (n int, written bool, err error) {
	c.out, c.into, c.sent, c.n, c.err = out, p, false, 0, nil
	c.wire.armed.Store(true)
	err = c.wire.Await(c.askFn)
	c.wire.armed.Store(false)
	c.out, c.into = nil, nil
	if err == nil {
		err = c.err
	}
	return c.n, c.sent, err
}

func (c *Conn) tryAsk() (done bool) {
	n, err := c.take(c.into)
	if c.sent {
		c.n, c.err = n, err
		return err != sock.ErrNothing
	}
	if err != sock.ErrNothing {
		c.err = sock.ErrStale
		return true
	}
	c.sent = true
	if _, err := c.tls.Write(c.out); err != nil {
		c.err = plain(err)
		return true
	}
	return false
}

// ArmRead lets reads fail with sock.ErrTimeout from d on: see [sock.Conn].
func (c *Conn) ArmRead(d time.Duration) { c.wire.ArmRead(d) }

// ArmWrite lets writes fail when none makes progress for d.
func (c *Conn) ArmWrite(d time.Duration) { c.wire.ArmWrite(d) }

// Interrupt lets the read under way, or else the next, fail with
// sock.ErrInterrupted.
func (c *Conn) Interrupt() { c.wire.Interrupt() }

// Peek looks whether the peer is there. One whose FIN or reset came has gone,
// whatever lies before it: that is the end of its TLS, and nobody leaves half a
// TLS connection open to read on.
func (c *Conn) Peek() sock.State {
	s := c.wire.Peek()
	if s == sock.Readable && c.wire.Ended() {
		return sock.Gone
	}
	return s
}

// HalfClosed is never so: see Peek.
func (c *Conn) HalfClosed() bool { return false }

// CloseWrite ends our half: the peer reads TLS's end, then the connection's.
func (c *Conn) CloseWrite() error {
	if err := c.tls.CloseWrite(); err != nil {
		return plain(err)
	}
	return c.wire.CloseWrite()
}

// Close ends the connection and wakes whoever waits on it. The peer is told,
// unless it does not read.
func (c *Conn) Close() error {
	c.wire.last.Store(true)
	err := c.tls.Close()
	if closed := c.wire.Close(); err == nil || errors.Is(err, net.ErrClosed) {
		err = closed
	}
	return err
}

// Abort closes with a reset, and without a word.
func (c *Conn) Abort() error { return c.wire.Abort() }

var _ http1.Transport = (*Conn)(nil)
