package listener

import (
	"runtime/debug"
	"time"

	"github.com/weirproxy/weir/core/sock"
)

const (
	// lastCall is how long an idle connection is kept when the listener stops:
	// a request may be on its way.
	lastCall = 500 * time.Millisecond
	// lingerBytes and lingerWait bound what a client may still send before its
	// connection is closed.
	lingerBytes = 256 << 10
	lingerWait  = time.Second
)

// serve carries the requests of one connection, one after the other.
func (l *Listener) serve(c *connection, s *Settings) {
	defer l.end(c)
	for n := 1; ; n++ {
		if !l.await(c, s) {
			_ = c.sock.Close()
			return
		}
		if n == 1 {
			c.asked.Store(true)
		}
		c.Last = n == s.RequestsPerConn
		if !l.opt.Proxy.Serve(c.Conn, c.http) {
			break
		}
		whole := c.http.Done() && !c.http.Buffered()
		if !c.http.NextRequest() {
			if whole {
				_ = c.sock.Close()
				return
			}
			break
		}
	}
	c.http.Linger(lingerBytes, lingerWait)
}

// await waits for a request. false is a client that has no more to ask, or a
// listener that stops.
func (l *Listener) await(c *connection, s *Settings) bool {
	wait := s.KeepAlive
	for {
		if l.stopping.Load() {
			wait = min(wait, lastCall)
		}
		switch err := c.http.Await(wait); err {
		case nil:
			return true
		case sock.ErrInterrupted: // meant for the request before, or by Stop
		default:
			return false
		}
	}
}

// end gives back what the connection held. A panic ends the connection it
// happened on, and nothing else.
func (l *Listener) end(c *connection) {
	l.opt.Metrics.Closed()
	if v := recover(); v != nil {
		l.opt.Log.Error("panic while serving a connection", "listener", l.opt.Side, "panic", v, "stack", string(debug.Stack()))
		_ = c.sock.Close()
		l.registry.remove(c)
		return // the buffers may still be in use
	}
	_ = c.sock.Close()
	c.http.Release()
	l.registry.remove(c)
}
