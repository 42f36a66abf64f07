package listener

import (
	"time"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/proxy"
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

// http1Carrier carries the requests of an HTTP/1 connection, one after the other.
type http1Carrier struct {
	*proxy.Conn
	listener  *Listener
	c         *connection
	transport http1.Transport
	http      *http1.Server
	settings  *Settings
}

func newHTTP1(l *Listener, c *connection, t http1.Transport, s *Settings) *http1Carrier {
	facts := proxy.NewConn(c.id, c.source, c.destination, s.Side, c.tls, &l.draining)
	facts.Original = c.meant
	return &http1Carrier{
		Conn:     facts,
		listener: l, c: c, transport: t, http: http1.NewServer(t, &s.HTTP), settings: s,
	}
}

func (k *http1Carrier) idle() bool      { return k.Idle() }
func (k *http1Carrier) sweep(now int64) { k.Sweep(now, k.transport) }
func (k *http1Carrier) release()        { k.http.Release() }

func (k *http1Carrier) retire() {
	if k.Idle() {
		k.transport.Interrupt() // it finds out why: see await
	}
}

func (k *http1Carrier) serve() (next carrier) {
	for n := 1; ; n++ {
		if !k.await() {
			_ = k.transport.Close()
			return nil
		}
		if n == 1 {
			k.c.asked.Store(true)
			if k.connects() {
				return k.connect()
			}
			if k.settings.HTTP2.Streams > 0 && k.http.Begins(priorKnowledge) {
				return newHTTP2(k.listener, k.c, k.transport, k.settings, k.http.Handover())
			}
		}
		k.Last = n == k.settings.RequestsPerConn
		if !k.listener.opt.Proxy.Serve(k.Conn, k.http) {
			break
		}
		whole := k.http.Done() && !k.http.Buffered()
		if !k.http.NextRequest() {
			if whole {
				_ = k.transport.Close()
				return nil
			}
			break
		}
	}
	k.http.Linger(lingerBytes, lingerWait)
	return nil
}

// priorKnowledge begins the preface of HTTP/2, and no request of HTTP/1: the
// method PRI is reserved (RFC 9113, section 3.4).
const priorKnowledge = "PRI "

// await waits for a request. false is a client that has no more to ask, or a
// listener that stops.
func (k *http1Carrier) await() bool {
	wait := k.settings.KeepAlive
	for {
		if k.listener.stopping.Load() {
			wait = min(wait, lastCall)
		}
		switch err := k.http.Await(wait); err {
		case nil:
			return true
		case sock.ErrInterrupted: // meant for the request before, or by Stop
		default:
			return false
		}
	}
}
