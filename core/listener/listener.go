package listener

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/overload"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/sock"
)

// Settings are what may change with a reload. A connection keeps those it
// began with.
type Settings struct {
	Side    string // "gateway", "inbound", "outbound"; the service's name, for TCP
	TCP     bool   // connections are those of a TCP service
	Metrics *observe.Listener

	HTTP            http1.ServerOptions
	HTTP2           http2.ServerOptions // Streams 0: HTTP/1 alone
	KeepAlive       time.Duration       // idle between requests
	Connections     int                 // open at once on this listener
	RequestsPerConn int                 // 0 for no bound

	TLS        *identity.Server // nil: connections are in clear
	Permissive bool             // those whose first bytes are not TLS are too

	// Introduced are the networks whose connections begin with a PROXY header.
	Introduced []netip.Prefix
	// UnknownTo is the TCP service that takes what is not HTTP, "" for none; a client
	// that is silent for Detect is of that kind.
	UnknownTo string
	Detect    time.Duration
	// Redirect is for connections that the kernel has redirected here; nil: it is not asked.
	Redirect *Redirect
	// Connect is for CONNECT requests of HTTP/1, which are taken for redirected
	// connections; nil: there are none.
	Connect *Redirect
}

// Options make a Listener.
type Options struct {
	Proxy    *proxy.Proxy
	Reaper   *sock.Reaper
	Overload *overload.Monitor // nil: memory is never short
	Log      *slog.Logger
}

// Stats are a listener's numbers at one moment.
type Stats struct {
	Side     string `json:"side"`
	Addr     string `json:"addr"`
	Open     int    `json:"open"`
	Accepted uint64 `json:"accepted"` // ever
	Refused  uint64 `json:"refused"`  // over the limit
	Evicted  uint64 `json:"evicted"`  // idle ones that made room
	Failures uint64 `json:"failures"` // of accept
}

// Listener is one bound address.
type Listener struct {
	opt      Options
	socket   *net.TCPListener
	settings atomic.Pointer[Settings]
	registry registry
	draining atomic.Bool // each response is its connection's last
	stopping atomic.Bool // nor does an idle connection stay
	stop     chan struct{}

	ids                                  *atomic.Uint64
	accepted, refused, evicted, failures atomic.Uint64
}

// connIDs are unique in the process.
var connIDs atomic.Uint64

// New makes a listener on socket.
func New(o Options, socket *net.TCPListener, s *Settings) *Listener {
	l := &Listener{opt: o, socket: socket, stop: make(chan struct{}), ids: &connIDs}
	l.settings.Store(s)
	return l
}

// Set changes the settings of connections to come.
func (l *Listener) Set(s *Settings) { l.settings.Store(s) }

// Addr is the bound address.
func (l *Listener) Addr() net.Addr { return l.socket.Addr() }

// Stats are the numbers of the moment.
func (l *Listener) Stats() Stats {
	return Stats{
		Side: l.settings.Load().Side, Addr: l.socket.Addr().String(), Open: l.registry.len(),
		Accepted: l.accepted.Load(), Refused: l.refused.Load(), Evicted: l.evicted.Load(), Failures: l.failures.Load(),
	}
}

// Serve accepts connections until Stop. Nothing that goes wrong with one of
// them ends it.
func (l *Listener) Serve() {
	go l.sweep()
	pause := time.Duration(0)
	for {
		tcp, err := l.socket.AcceptTCP()
		if err == nil {
			pause = 0
			l.hold()
			l.take(tcp)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		// Out of descriptors or memory, most likely: that passes, and an idle
		// connection is worth less than a new one.
		l.failures.Add(1)
		if l.registry.evict(l.opt.Reaper.Now()) {
			l.evicted.Add(1)
		}
		pause = min(max(2*pause, 5*time.Millisecond), time.Second)
		l.opt.Log.Warn("accepting a connection", "listener", l.settings.Load().Side, "err", err, "again_in", pause)
		select {
		case <-time.After(pause):
		case <-l.stop:
			return
		}
	}
}

// holdFor is how late a listener finds out that there is memory again.
const holdFor = 50 * time.Millisecond

// hold waits until there is memory for another connection, or the listener
// stops. The clients behind this one wait in the backlog meanwhile.
func (l *Listener) hold() {
	for l.opt.Overload.Level() >= overload.NoAccept && !l.stopping.Load() {
		time.Sleep(holdFor)
	}
}

// take begins a connection, if there is room for it.
func (l *Listener) take(tcp *net.TCPConn) {
	l.accepted.Add(1)
	s := l.settings.Load()
	if l.registry.len() >= s.Connections {
		if !l.registry.evict(l.opt.Reaper.Now()) {
			l.refused.Add(1)
			_ = tcp.Close()
			return
		}
		l.evicted.Add(1)
	}
	sc, err := sock.New(tcp, l.opt.Reaper)
	if err != nil {
		_ = tcp.Close()
		return
	}
	c := &connection{id: l.ids.Add(1), sock: sc, source: sc.Remote(), destination: sc.Local(), born: l.opt.Reaper.Now()}
	if !l.registry.add(c) {
		_ = sc.Close()
		return
	}
	s.Metrics.Opened()
	go l.serve(c, s)
}

// sweepEvery is how often the streams that wait are looked after.
const sweepEvery = 100 * time.Millisecond

func (l *Listener) sweep() {
	t := time.NewTicker(sweepEvery)
	defer t.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-t.C:
		}
		now := l.opt.Reaper.Now()
		l.registry.each(func(c *connection) { c.sweep(now) })
	}
}

// Drain lets each response from now on be its connection's last, while new
// connections are still taken.
func (l *Listener) Drain() { l.draining.Store(true) }

// Stop ends accepting, and lets what is under way end, until ctx is over:
// then it is cut. It answers how many connections that were.
func (l *Listener) Stop(ctx context.Context) (cut int) {
	l.draining.Store(true)
	l.stopping.Store(true)
	_ = l.socket.Close()
	l.registry.close()
	l.registry.each(func(c *connection) { c.retire() })
	select {
	case <-l.registry.gone():
	case <-ctx.Done():
		l.registry.each(func(c *connection) {
			cut++
			_ = c.sock.Close()
		})
		<-l.registry.gone()
	}
	close(l.stop)
	return cut
}
