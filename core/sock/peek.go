package sock

import "syscall"

// State is what a look at an idle or waiting connection shows.
type State uint8

// The states.
const (
	Quiet    State = iota // open, nothing to read
	Readable              // open, bytes wait
	Gone                  // closed or reset by the peer
)

// Peek looks at the connection without taking anything from it. It may be
// called beside a read or a write.
func (c *Conn) Peek() State {
	state := Gone
	_ = c.raw.Control(func(fd uintptr) {
		var b [1]byte
		n, e := peek(fd, b[:])
		switch {
		case e == syscall.EAGAIN:
			state = Quiet
		case e == 0 && n > 0:
			state = Readable
		}
	})
	return state
}

// HalfClosed says whether the peer has only ended its sending half: it may
// still wait for an answer. It is asked after Peek said Gone.
func (c *Conn) HalfClosed() bool { return c.tcpState() == closeWait }

// Ended says whether the peer has ended its sending half, or reset the
// connection, though bytes may still be there to be read.
func (c *Conn) Ended() bool {
	s := c.tcpState()
	return s == closeWait || s == closed
}

// States of TCP, as Linux numbers them.
const (
	closed    = 7
	closeWait = 8
)

// tcpState is the connection's, 0 if it cannot be told.
func (c *Conn) tcpState() (s byte) {
	_ = c.raw.Control(func(fd uintptr) {
		s = state(fd)
	})
	return s
}
