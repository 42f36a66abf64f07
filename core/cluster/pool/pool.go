package pool

import (
	"slices"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
)

// Options bound a pool.
type Options struct {
	Connections    int           // open at once
	Pending        int           // requests that wait for one
	PendingWait    time.Duration // how long one waits
	ConnectTimeout time.Duration
	IdleTimeout    time.Duration // of an unused connection
	MaxAge         time.Duration // of any, +-10 %; 0 for none
	Client         http1.ClientOptions
	Reaper         *sock.Reaper             // watches the connections' deadlines
	Connected      func(took time.Duration) // told of each connection that was opened; may be nil
}

// Conn is a connection out of a pool.
type Conn struct {
	Exchange
	dies int64 // coarse time at which it is too old; 0 for never
	idle int64 // coarse time since which it is unused
}

// Stats are a pool's numbers at one moment.
type Stats struct {
	Open    int    `json:"open"`
	Idle    int    `json:"idle"`
	Pending int    `json:"pending"`
	Opened  uint64 `json:"opened"` // ever
	Failed  uint64 `json:"failed"` // attempts that gave no connection
	Reused  uint64 `json:"reused"` // requests that found one waiting
}

// Pool holds the connections to one address.
type Pool struct {
	addr string
	opt  *Options

	mu      sync.Mutex
	idle    []*Conn // the last used is taken first, so that the others can age out
	open    int
	waiting []*waiter
	closed  bool
	stats   Stats
}

// waiter is a request without a connection.
type waiter struct {
	ready chan *Conn // nil: there is room to open one
}

// New makes a pool for addr, "host:port". opt is shared and not changed.
func New(addr string, opt *Options) *Pool {
	return &Pool{addr: addr, opt: opt}
}

var errFull = fault.New(fault.PoolFull, "waiting for a connection to the upstream", nil)

// Idle gives a connection that waits, or nil. It never blocks.
func (p *Pool) Idle() *Conn {
	now := p.opt.Reaper.Now()
	p.mu.Lock()
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
// that did not lie idle: a new one, or one whose exchange is over this moment.
// It blocks while it connects, and for at most PendingWait when as many as may
// be are open.
func (p *Pool) Get(fresh bool) (*Conn, error) {
	for !fresh {
		if c := p.Idle(); c != nil {
			return c, nil
		}
		p.mu.Lock()
		if p.open < p.opt.Connections || len(p.idle) == 0 {
			return p.openOrQueue()
		}
		p.mu.Unlock() // one came back in between
	}
	p.mu.Lock()
	if p.open >= p.opt.Connections {
		p.evict()
	}
	return p.openOrQueue()
}

// openOrQueue opens a connection if there is room, and queues for one if not. The
// lock is held when it is called, and let go of.
func (p *Pool) openOrQueue() (*Conn, error) {
	if p.open < p.opt.Connections {
		p.open++
		p.mu.Unlock()
		return p.connect()
	}
	if len(p.waiting) >= p.opt.Pending {
		p.stats.Failed++
		p.mu.Unlock()
		return nil, errFull
	}
	w := &waiter{ready: make(chan *Conn, 1)}
	p.waiting = append(p.waiting, w)
	p.mu.Unlock()
	return p.wait(w)
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

func (p *Pool) wait(w *waiter) (*Conn, error) {
	t := time.NewTimer(p.opt.PendingWait)
	defer t.Stop()
	var c *Conn
	select {
	case c = <-w.ready:
	case <-t.C:
		if p.leave(w) {
			return nil, errFull
		}
		c = <-w.ready // it came in the same moment
	}
	if c == nil {
		return p.connect()
	}
	return c, nil
}

// leave takes w off the queue; false if it has been served.
func (p *Pool) leave(w *waiter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.waiting {
		if p.waiting[i] == w {
			p.waiting = slices.Delete(p.waiting, i, i+1)
			p.stats.Failed++
			return true
		}
	}
	return false
}

// next hands c, or the room of one that is gone, to who has waited longest.
func (p *Pool) next(c *Conn) bool {
	if len(p.waiting) == 0 {
		return false
	}
	w := p.waiting[0]
	p.waiting = slices.Delete(p.waiting, 0, 1)
	w.ready <- c
	return true
}

// Put gives a connection back whose exchange is over. One that cannot carry
// another is closed: nobody needs to ask first.
func (p *Pool) Put(c *Conn) {
	now := p.opt.Reaper.Now()
	if !c.Reusable() || c.dies > 0 && now >= c.dies {
		p.Discard(c)
		return
	}
	c.idle = now
	p.mu.Lock()
	closing := false
	switch {
	case p.next(c):
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

// Discard closes a connection.
func (p *Pool) Discard(c *Conn) {
	c.Close()
	p.room()
}

// room notes that one connection less is open.
func (p *Pool) room() {
	p.mu.Lock()
	if !p.next(nil) {
		p.open--
	}
	p.mu.Unlock()
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
	return s
}
