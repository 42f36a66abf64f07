package sock

import (
	"errors"
	"net"
	"os"
	"runtime"
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

// errMoved is a waiter that was woken for a stamp which somebody has armed anew
// before the waiter could look: nothing has passed.
var errMoved = errors.New("stamp was armed anew")

// awaitRead waits until try has read, in the words of waitError. Another
// goroutine may arm the stamp meanwhile.
func (c *Conn) awaitRead(try func(fd uintptr) bool) error {
	for {
		err := c.raw.Read(try)
		if err == nil {
			return nil
		}
		if err = c.waitError(&c.readStamp, err); err != errMoved {
			return err
		}
		runtime.Gosched() // who armed it is about to take the deadline back
	}
}

// awaitWrite is awaitRead for writes.
func (c *Conn) awaitWrite(try func(fd uintptr) bool) error {
	for {
		err := c.raw.Write(try)
		if err == nil {
			return nil
		}
		if err = c.waitError(&c.writeStamp, err); err != errMoved {
			return err
		}
		runtime.Gosched()
	}
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
	if s.now != nil && !s.exact.Load() && errors.Is(err, os.ErrDeadlineExceeded) {
		return errMoved
	}
	return err
}
