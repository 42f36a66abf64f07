package proxy

import (
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// Downstream is a connection that carries requests to us, one at a time: what
// a codec offers the proxy. Reading a body may go on beside writing.
type Downstream interface {
	// ReadRequest reads the next request's head, size bytes long.
	ReadRequest(head *stream.RequestHead) (size int, err error)
	// Frame is how the request that was read is framed.
	Frame() *http1.Framing
	// Ready is what was read of the body already; ReadBody waits for more.
	Ready() (chunk []byte, end bool, err error)
	ReadBody() (chunk []byte, end bool, err error)
	// Left is what is still to be read of the body, http1.Unknown if nobody knows.
	Left() int64
	// Done says whether the request was read to its end.
	Done() bool
	Trailers() *stream.Headers
	// Drain reads off what is left of the request, within bounds.
	Drain(limit int64, wait time.Duration) bool
	// Interrupt ends a ReadBody that waits.
	Interrupt()

	WriteInterim(h *stream.ResponseHead) error
	WriteUpgrade(h *stream.ResponseHead) error
	WriteHead(h *stream.ResponseHead, length int64, chunk []byte, end bool, trailers *stream.Headers) error
	WriteBody(chunk []byte, end bool, trailers *stream.Headers) error
	// Ended says whether the response was written to its end.
	Ended() bool
	// Close says that the connection ends after this response.
	Close()
	// DropRest says that the rest of the request will not be read, which ends the
	// connection after this response where others stand behind it.
	DropRest()
	// Abort ends the stream so that its client does not take what it got for a
	// whole answer.
	Abort()
	// Tunnel is the stream once it has left HTTP, after WriteUpgrade.
	Tunnel() http1.Tunnel
}

var _ Downstream = (*http1.Server)(nil)

// Conn is what the proxy knows of a downstream connection. A connection that
// carries several streams at once has one for each.
type Conn struct {
	ID          uint64
	Source      netip.AddrPort
	Destination netip.AddrPort
	Side        string // "gateway", "inbound", "outbound"
	TLS         *stream.TLSInfo
	Last        bool // the next response is the connection's last
	// Original is where the client meant to connect to, "host:port"; "" where that is
	// here.
	Original string

	peer    string // Source's address as headers show it
	scheme  string
	waiting atomic.Int64 // coarse time since which its stream waits, 0 for none
	gone    atomic.Bool  // the client is not there any more
	drain   *atomic.Bool
	// The stream under way, and nothing else of its exchange: who looks from outside may
	// do so when that is cleared already.
	stream atomic.Pointer[chain.Stream]
}

// NewConn notes the facts of a connection. draining, once true, lets each
// response be the connection's last.
func NewConn(id uint64, source, destination netip.AddrPort, side string, tls *stream.TLSInfo, draining *atomic.Bool) *Conn {
	c := &Conn{ID: id, Source: source, Destination: destination, Side: side, TLS: tls, drain: draining}
	c.peer, c.scheme = source.Addr().String(), "http"
	if tls != nil {
		c.scheme = "https"
	}
	return c
}

// Stream is one of several streams that c carries at once.
func (c *Conn) Stream() *Conn {
	return &Conn{ID: c.ID, Source: c.Source, Destination: c.Destination, Side: c.Side, TLS: c.TLS, Original: c.Original,
		peer: c.peer, scheme: c.scheme, drain: c.drain}
}

// Idle says whether no stream is under way.
func (c *Conn) Idle() bool { return c.stream.Load() == nil }

// patience is how long a stream waits before anybody looks whether its client
// is still there.
const patience = 100 * time.Millisecond

// Sweep looks after a stream that waits: if its client has gone, it ends. A
// client that only ended its sending half may still read the answer.
// Whoever has the connections calls it every patience or so, with coarse
// time now.
func (c *Conn) Sweep(now int64, t http1.Transport) {
	since := c.waiting.Load()
	if since == 0 || now-since < int64(patience) {
		return
	}
	if !c.gone.Load() && (t.Peek() != sock.Gone || t.HalfClosed()) {
		return
	}
	c.ClientGone()
}

// ClientGone ends the stream under way, or the one about to begin: its client is
// not there any more. One that is busy just now is told again by the next Sweep.
func (c *Conn) ClientGone() {
	c.gone.Store(true)
	if st := c.stream.Load(); st != nil {
		st.Kick()
	}
}

// Renew makes c ready for a stream of another request, when nobody tells of the
// last one any more.
func (c *Conn) Renew() { c.gone.Store(false) }
