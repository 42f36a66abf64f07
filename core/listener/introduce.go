package listener

import (
	"errors"
	"io"
	"net/netip"
	"slices"

	"github.com/weirproxy/weir/core/proxyheader"
	"github.com/weirproxy/weir/core/sock"
)

// introduce reads the PROXY header of a peer that has to send one, and takes the
// addresses that it tells for the connection's. It answers whether the connection
// may go on.
func (l *Listener) introduce(c *connection, s *Settings) bool {
	peer := c.sock.Remote().Addr()
	if !slices.ContainsFunc(s.Introduced, func(n netip.Prefix) bool { return n.Contains(peer) }) {
		return true
	}
	c.sock.ArmRead(s.HTTP.Head)
	h, err := c.header(l.stopping.Load)
	c.sock.ArmRead(0)
	if err != nil {
		l.opt.Log.Debug("a connection ended before its PROXY header was read", "listener", s.Side, "peer", c.sock.Remote(), "err", err)
		return false
	}
	if h.Source.IsValid() {
		c.source, c.destination = h.Source, h.Destination
	}
	return true
}

// header reads the header, and nothing behind it.
func (c *connection) header(stopping func() bool) (h proxyheader.Header, err error) {
	b := make([]byte, 256)
	for n := 0; ; {
		n, err = c.sock.Preview(b, n)
		if err == sock.ErrInterrupted && !stopping() {
			continue
		}
		if err == io.EOF && n == 0 {
			return h, err
		}
		if err != nil && err != io.EOF {
			return h, err
		}
		h, size, parsing := proxyheader.Parse(b[:n])
		switch {
		case parsing == nil:
			_, err = io.ReadFull(c.sock, b[:size])
			return h, err
		case !errors.Is(parsing, proxyheader.ErrShort):
			return h, parsing
		case err == io.EOF:
			return h, io.ErrUnexpectedEOF
		case n == len(b):
			b = make([]byte, min(4*len(b), proxyheader.Most))
			n-- // what does not fit is there already
		}
	}
}
