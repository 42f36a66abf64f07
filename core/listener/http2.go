package listener

import (
	"sync"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/proxy"
)

// http2Carrier carries the streams of an HTTP/2 connection, all at once.
type http2Carrier struct {
	listener  *Listener
	c         *connection
	transport http1.Transport
	http      *http2.Server
	settings  *Settings
	facts     *proxy.Conn // what the streams have in common

	mu    sync.Mutex
	open  []*http2Stream
	spare []*http2Stream
	count int // of the streams ever opened
}

// http2Stream is a stream as the proxy knows it: a connection of its own.
type http2Stream struct {
	*proxy.Conn
	gone func() // ClientGone, bound once
	slot int    // in open, guarded by the carrier
}

func newHTTP2(l *Listener, c *connection, t http1.Transport, s *Settings, prefix []byte) *http2Carrier {
	facts := proxy.NewConn(c.id, c.source, c.destination, s.Side, c.tls, &l.draining)
	facts.Original = c.meant
	return &http2Carrier{
		listener: l, c: c, transport: t, settings: s,
		http:  http2.NewServer(t, &s.HTTP2, prefix),
		facts: facts,
	}
}

func (k *http2Carrier) idle() bool { return k.http.Streams() == 0 }
func (k *http2Carrier) retire()    { k.http.Drain() }
func (k *http2Carrier) release()   {}

func (k *http2Carrier) sweep(now int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range k.open {
		s.Sweep(now, k.transport)
	}
}

func (k *http2Carrier) serve() (next carrier) {
	if err := k.http.Serve(k.stream); err != nil {
		k.listener.opt.Log.Debug("an HTTP/2 connection was ended", "listener", k.facts.Side, "client", k.facts.Source, "err", err)
	}
	_ = k.transport.Close()
	return nil
}

func (k *http2Carrier) stream(d *http2.ServerStream) {
	s := k.enter()
	d.OnGone(s.gone)
	k.listener.opt.Proxy.Serve(s.Conn, d)
	d.OnGone(nil)
	s.Renew()
	k.leave(s)
}

func (k *http2Carrier) enter() *http2Stream {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.count == 0 {
		k.c.asked.Store(true)
	}
	k.count++
	var s *http2Stream
	if n := len(k.spare); n > 0 {
		s = k.spare[n-1]
		k.spare = k.spare[:n-1]
	} else {
		s = &http2Stream{Conn: k.facts.Stream()}
		s.gone = s.ClientGone
	}
	s.Last = k.count == k.settings.RequestsPerConn
	s.slot = len(k.open)
	k.open = append(k.open, s)
	return s
}

// maxSpare bounds what a connection keeps for streams to come.
const maxSpare = 16

func (k *http2Carrier) leave(s *http2Stream) {
	k.mu.Lock()
	defer k.mu.Unlock()
	last := len(k.open) - 1
	k.open[s.slot] = k.open[last]
	k.open[s.slot].slot = s.slot
	k.open[last] = nil
	k.open = k.open[:last]
	if len(k.spare) < maxSpare {
		k.spare = append(k.spare, s)
	}
}
