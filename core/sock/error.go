package sock

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// ErrTimeout is what a read or write ends with when its stamp has passed.
var ErrTimeout error = passing("no progress in time")

// ErrStale is what Exchange ends with on a connection that its peer has
// closed, or sent unasked bytes on, while it was idle. Nothing was written.
var ErrStale = errors.New("connection went stale while idle")

// ErrInterrupted is what a read ends with after Interrupt. Nothing was read.
var ErrInterrupted error = passing("read interrupted")

// passing is an error after which the connection is as it was. crypto/tls asks
// for that: any other error of a read would end its connection.
type passing string

func (e passing) Error() string   { return string(e) }
func (e passing) Timeout() bool   { return true }
func (e passing) Temporary() bool { return true }

func opError(op string, e syscall.Errno) error {
	return &net.OpError{Op: op, Net: "tcp", Err: e}
}

// waitError turns the poller's word into ours: an expired stamp wakes a
// waiter by a deadline in the past.
func (c *Conn) waitError(s *stamp, err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) && s.expired() {
		return ErrTimeout
	}
	if s == &c.readStamp && c.broken.Load() && errors.Is(err, os.ErrDeadlineExceeded) {
		c.endInterrupt()
		return ErrInterrupted
	}
	if c.closed.Load() {
		return net.ErrClosed
	}
	return err
}
