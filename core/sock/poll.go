package sock

import (
	"net"
	"syscall"
)

// ErrNothing is what TryRead ends with when no bytes are there.
var ErrNothing error = passing("nothing to read yet")

// Await calls try, again each time that bytes may have come, until it answers
// that it is done. try reads by TryRead, to the point of ErrNothing: what lies
// there unread wakes nobody a second time. It is how a codec that sits between
// reads without holding a buffer while it waits. Its own error is that of the
// wait: ErrTimeout, ErrInterrupted, net.ErrClosed.
func (c *Conn) Await(try func() (done bool)) error {
	c.awaitTry = try
	err := c.awaitRead(c.awaitFn)
	c.awaitTry = nil
	return err
}

func (c *Conn) tryAwait(uintptr) bool { return c.awaitTry() }

// TryRead reads what is there, and does not wait: ErrNothing is a connection
// that has nothing. n of 0 without an error is the peer's end.
func (c *Conn) TryRead(p []byte) (n int, err error) {
	c.tryBuf, c.tryN, c.tryErrno = p, 0, 0
	err = c.raw.Control(c.tryFn)
	c.tryBuf = nil
	switch {
	case err != nil:
		return 0, net.ErrClosed
	case c.tryErrno == syscall.EAGAIN:
		return 0, ErrNothing
	case c.tryErrno != 0:
		return 0, opError("read", c.tryErrno)
	}
	return c.tryN, nil
}

func (c *Conn) tryOnce(fd uintptr) { c.tryN, c.tryErrno = read(fd, c.tryBuf) }

// TryWrite writes p if the socket takes it now, all of it or a part: last words
// that nobody waits for.
func (c *Conn) TryWrite(p []byte) (n int) {
	if len(p) == 0 {
		return 0
	}
	_ = c.raw.Control(func(fd uintptr) { n, _ = write(fd, p) })
	return n
}
