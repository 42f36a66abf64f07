package pool

import (
	"math"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// Options bound a pool.
type Options struct {
	Protocol       Protocol
	Connections    int           // open at once
	Pending        int           // requests that wait for one
	PendingWait    time.Duration // how long one waits
	ConnectTimeout time.Duration
	IdleTimeout    time.Duration // of an unused connection
	MaxAge         time.Duration // of any, +-10 %; 0 for none
	Client         http1.ClientOptions
	HTTP2          http2.ClientOptions
	Reaper         *sock.Reaper             // watches the connections' deadlines
	Connected      func(took time.Duration) // told of each connection that was opened; may be nil

	TLS       *identity.Client                 // nil: connections are in clear
	Untrusted func(endpoint string, err error) // told of an endpoint whose certificate is not trusted; may be nil
}

// Conn is a connection out of a pool, or one exchange of a connection that
// carries several.
type Conn struct {
	Exchange
	Ends

	via  *shared // what carries it, nil for a connection of its own
	dies int64   // coarse time at which it is too old; 0 for never
	idle int64   // coarse time since which it is unused
}

// Ends are the facts of a connection.
type Ends struct {
	Local   netip.AddrPort  // our side of it
	Remote  netip.AddrPort  // the upstream's
	Secured *stream.TLSInfo // nil in clear
}

// Stats are a pool's numbers at one moment.
type Stats struct {
	Open    int    `json:"open"`
	Idle    int    `json:"idle"`
	Pending int    `json:"pending"`
	Opened  uint64 `json:"opened"`  // ever
	Failed  uint64 `json:"failed"`  // attempts that gave no connection
	Reused  uint64 `json:"reused"`  // requests that found one waiting
	Streams int    `json:"streams"` // exchanges under way on connections that carry several
}

// Pool holds the connections to one address.
type Pool struct {
	addr string
	opt  *Options
	tls  *identity.Endpoint // of exchanges, nil in clear
	raw  *identity.Endpoint // of bytes, nil in clear

	mu      sync.Mutex
	idle    []*Conn // the last used is taken first, so that the others can age out
	open    int
	waiting []*waiter
	closed  bool
	stats   Stats
	several several // connections that carry several exchanges
}

// waiter is a request without a connection.
type waiter struct {
	ready chan turn
}

// turn is what a waiter gets: a connection, an error, or neither: then there is
// room to open one.
type turn struct {
	conn *Conn
	err  error
}

// New makes a pool for addr, "host:port". opt is shared and not changed.
func New(addr string, opt *Options) *Pool {
	p := &Pool{addr: addr, opt: opt}
	p.several.expected = opt.Protocol != HTTP1
	p.several.breadth = max(opt.HTTP2.Streams, 1)
	if opt.TLS != nil {
		p.tls, p.raw = opt.TLS.To(addr), opt.TLS.Opaque(addr)
	}
	return p
}

var errFull = fault.New(fault.PoolFull, "waiting for a connection to the upstream", nil)

// Idle gives a connection that waits, or nil. It never blocks.
func (p *Pool) Idle() *Conn {
	now := p.opt.Reaper.Now()
	p.mu.Lock()
	if c := p.join(now); c != nil {
		p.stats.Reused++
		p.mu.Unlock()
		return c
	}
	for n := len(p.idle); n > 0; n = len(p.idle) {
		c := p.idle[n-1]
		p.idle[n-1] = nil
		p.idle = p.idle[:n-1]
		if c.dies > 0 && now >= c.dies || now-c.idle > int64(p.opt.IdleTimeout) {
			p.open--
			p.mu.Unlock()
			c.Close()
			p.mu.Lock()
			continue
		}
		p.stats.Reused++
		p.mu.Unlock()
		return c
	}
	p.mu.Unlock()
	return nil
}

// Get gives a connection: one that waits, or a new one. fresh asks for one
// that did not lie idle: a new one, or one whose exchange is over this moment. (A
// connection that carries several has a reader, and lies idle to its end only.)
// It blocks while it connects, and for at most PendingWait when as many as may
// be are open.
func (p *Pool) Get(fresh bool) (*Conn, error) { return p.GetWithin(math.MaxInt64, fresh) }

// GetWithin is Get for somebody who has no longer than wait. What is being opened
// for him when that is over is for others.
func (p *Pool) GetWithin(wait time.Duration, fresh bool) (*Conn, error) {
	for !fresh {
		if c := p.Idle(); c != nil {
			return c, nil
		}
		p.mu.Lock()
		if p.open < p.opt.Connections || len(p.idle) == 0 {
			return p.openOrQueue(wait)
		}
		p.mu.Unlock() // one came back in between
	}
	p.mu.Lock()
	if p.open >= p.opt.Connections {
		p.evict()
	}
	return p.openOrQueue(wait)
}

// openOrQueue opens a connection if there is room, and queues for one if not, or
// if one is being opened that will do. The lock is held when it is called, and
// let go of.
func (p *Pool) openOrQueue(within time.Duration) (*Conn, error) {
	if c := p.join(p.opt.Reaper.Now()); c != nil {
		p.mu.Unlock()
		return c, nil
	}
	full := len(p.waiting) >= p.opt.Pending
	if p.open < p.opt.Connections && (full || !p.several.enough(len(p.waiting)+1)) {
		p.open++
		p.several.dials++
		p.mu.Unlock()
		return p.connectWithin(within)
	}
	if full {
		p.stats.Failed++
		p.mu.Unlock()
		return nil, errFull
	}
	w := &waiter{ready: make(chan turn, 1)}
	p.waiting = append(p.waiting, w)
	patience := p.opt.PendingWait
	if p.several.dials > 0 {
		patience += p.opt.ConnectTimeout // somebody connects for all
	}
	p.mu.Unlock()
	return p.wait(w, patience, within)
}

// evict makes room by closing the connection that has waited longest.
func (p *Pool) evict() {
	if len(p.idle) == 0 {
		return
	}
	c := p.idle[0]
	p.idle = slices.Delete(p.idle, 0, 1)
	p.open--
	go c.Close()
}

// next hands t to who has waited longest.
func (p *Pool) next(t turn) bool {
	if len(p.waiting) == 0 {
		return false
	}
	w := p.waiting[0]
	p.waiting = slices.Delete(p.waiting, 0, 1)
	w.ready <- t
	return true
}

// serve hands what is free to those who wait: an exchange of a connection that
// carries several, or room to open one. The lock is held.
func (p *Pool) serve() {
	for len(p.waiting) > 0 {
		if c := p.join(p.opt.Reaper.Now()); c != nil {
			p.next(turn{conn: c})
			continue
		}
		if p.open >= p.opt.Connections || p.several.enough(len(p.waiting)) {
			return
		}
		p.open++
		p.several.dials++
		p.next(turn{})
	}
}

// Put gives a connection back whose exchange is over. One that cannot carry
// another is closed: nobody needs to ask first.
func (p *Pool) Put(c *Conn) {
	if c.via != nil {
		p.Discard(c)
		return
	}
	if !c.Reusable() {
		p.Discard(c)
		return
	}
	p.restock(c)
}

// restock gives a connection, not of several exchanges, to who waits, or lays it by.
func (p *Pool) restock(c *Conn) {
	now := p.opt.Reaper.Now()
	if c.dies > 0 && now >= c.dies {
		p.Discard(c)
		return
	}
	c.idle = now
	p.mu.Lock()
	closing := false
	switch {
	case p.next(turn{conn: c}):
	case p.closed:
		p.open--
		closing = true
	default:
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if closing {
		c.Close()
	}
}

// Discard closes a connection, or the one stream of it that c is.
func (p *Pool) Discard(c *Conn) {
	c.Close()
	p.mu.Lock()
	if c.via != nil {
		p.part(c.via)
		p.serve()
	} else {
		p.room()
	}
	p.mu.Unlock()
}

// room notes that one connection less is open. The lock is held.
func (p *Pool) room() {
	p.open--
	p.serve()
}

// Sweep closes what has waited too long or was closed by the endpoint.
func (p *Pool) Sweep() {
	now := p.opt.Reaper.Now()
	var dead []*Conn
	p.mu.Lock()
	kept := p.idle[:0]
	for _, c := range p.idle {
		if now-c.idle > int64(p.opt.IdleTimeout) || c.dies > 0 && now >= c.dies || !c.Alive() {
			dead = append(dead, c)
			continue
		}
		kept = append(kept, c)
	}
	clear(p.idle[len(kept):])
	p.idle = kept
	p.open -= len(dead)
	p.several.sweep(p, now)
	p.mu.Unlock()
	for _, c := range dead {
		c.Close()
	}
}

// Close closes what waits now, and what is under way when it comes back.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	idle := p.idle
	p.idle = nil
	p.open -= len(idle)
	for len(p.several.live) > 0 {
		p.retire(p.several.live[0])
	}
	p.mu.Unlock()
	for _, c := range idle {
		c.Close()
	}
}

// Stats are the pool's numbers.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Open, s.Idle, s.Pending = p.open, len(p.idle), len(p.waiting)
	p.several.count(&s)
	return s
}
