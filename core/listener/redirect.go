package listener

import (
	"net"
	"net/netip"
	"strconv"
)

// Redirect says what becomes of connections that the kernel has redirected here: they
// were meant for another address.
type Redirect struct {
	// Own says whether an address is one of our own listeners'.
	Own func(a netip.AddrPort) bool
	// UnknownTo is the TCP service that takes what is not HTTP.
	UnknownTo string
	// Hints say what is spoken to the ports that clients meant.
	Hints map[uint16]Hint
}

// Hint is what is known of a connection before its first byte.
type Hint uint8

// The hints.
const (
	HintNone Hint = iota // the first bytes decide
	HintHTTP
	HintTCP // whatever it is, it is not looked at
)

// redirected asks the kernel where the client of a connection meant to connect to. It
// answers whether the connection may go on: one that was meant for us, and came by a
// redirection all the same, would come again when it is sent there.
func (l *Listener) redirected(c *connection, s *Settings) bool {
	c.unknownTo = s.UnknownTo
	r := s.Redirect
	if r == nil {
		return true
	}
	to, ok := c.sock.Redirected()
	if !ok {
		return true
	}
	if r.Own(to) {
		l.opt.Log.Debug("a redirected connection was meant for a listener of ours", "listener", s.Side, "client", c.sock.Remote(), "to", to)
		return false
	}
	c.destination, c.meant = to, to.String()
	c.unknownTo, c.hint = r.UnknownTo, r.Hints[to.Port()]
	return true
}

// hint is that of a destination, "host:port".
func (r *Redirect) hint(to string) Hint {
	_, port, _ := net.SplitHostPort(to)
	n, _ := strconv.ParseUint(port, 10, 16)
	return r.Hints[uint16(n)]
}
