package listener

import (
	"runtime/debug"

	"github.com/weirproxy/weir/core/http1"
)

// serve finds out what c speaks, and carries its streams.
func (l *Listener) serve(c *connection, s *Settings) {
	defer l.end(c, s)
	if !l.redirected(c, s) || !l.introduce(c, s) {
		return
	}
	t, protocol, ok := l.secure(c, s)
	if !ok {
		return
	}
	for next := l.carrierOf(c, t, protocol, s); next != nil; {
		k := next
		c.carrier.Store(&k)
		if l.stopping.Load() {
			k.retire() // Stop may have come by before there was anybody to tell
		}
		next = k.serve()
	}
}

// carrierOf is who carries the streams of c, over t; nil where nobody can tell.
// protocol is what ALPN settled on, "" where it had no part.
func (l *Listener) carrierOf(c *connection, t http1.Transport, protocol string, s *Settings) carrier {
	if s.TCP {
		return newTCP(l, c, t, s.Side)
	}
	if protocol == "h2" {
		return newHTTP2(l, c, t, s, nil)
	}
	if c.hint == HintTCP {
		return newTCP(l, c, t, c.unknownTo)
	}
	if p, ok := t.(preview); ok && c.unknownTo != "" && c.hint == HintNone {
		switch detect(p, s, c.patience(s), l.stopping.Load) {
		case undecided:
			return nil
		case protocolTLS, protocolOther:
			return newTCP(l, c, t, c.unknownTo)
		}
	}
	return newHTTP1(l, c, t, s)
}

// end gives back what the connection held. A panic ends the connection it
// happened on, and nothing else.
func (l *Listener) end(c *connection, s *Settings) {
	s.Metrics.Closed()
	if v := recover(); v != nil {
		l.opt.Log.Error("panic while serving a connection", "listener", s.Side, "panic", v, "stack", string(debug.Stack()))
		_ = c.sock.Close()
		l.registry.remove(c)
		return // the buffers may still be in use
	}
	_ = c.sock.Close()
	if k := c.carrier.Load(); k != nil {
		(*k).release()
	}
	l.registry.remove(c)
}
