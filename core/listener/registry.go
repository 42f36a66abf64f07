package listener

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// connection is one that was accepted.
type connection struct {
	id   uint64
	sock *sock.Conn
	// source and destination are the socket's, or those that a PROXY header tells.
	source, destination netip.AddrPort
	meant               string // where the client meant to connect to; "" for here
	unknownTo           string // the TCP service for what is not HTTP, "" for none
	hint                Hint   // what it speaks, if that is known

	born  int64           // coarse time
	asked atomic.Bool     // a request came
	tls   *stream.TLSInfo // nil in clear
	slot  int             // in the registry, guarded by it
	out   bool            // it was evicted and has yet to go; guarded by the registry

	carrier atomic.Pointer[carrier] // nil until its protocol is known
}

// carrier carries the streams of a connection, in one protocol.
type carrier interface {
	// serve carries streams until the connection's end, or until it goes on in
	// another protocol: next carries those.
	serve() (next carrier)
	// idle says whether no stream is under way.
	idle() bool
	// sweep looks after streams that wait, at coarse time now.
	sweep(now int64)
	// retire ends the connection once it is idle: the listener stops.
	retire()
	// release gives the buffers back, behind serve.
	release()
}

func (c *connection) idle() bool {
	k := c.carrier.Load()
	return k == nil || (*k).idle()
}

func (c *connection) sweep(now int64) {
	if k := c.carrier.Load(); k != nil {
		(*k).sweep(now)
	}
}

// retire ends c once it is idle. One whose protocol is not known yet finds out why
// it was interrupted.
func (c *connection) retire() {
	if k := c.carrier.Load(); k != nil {
		(*k).retire()
	} else {
		c.sock.Interrupt()
	}
}

// grace is how long a new connection has for its first request, before it
// may have to make room: else the next one would always find it idle.
const grace = time.Second

// evictable says whether c may make room for another at coarse time now.
func (c *connection) evictable(now int64) bool {
	return !c.out && c.idle() && (c.asked.Load() || now-c.born >= int64(grace))
}

// registry is the connections that are open.
type registry struct {
	mu    sync.Mutex
	all   []*connection
	shut  bool          // none is added any more
	empty chan struct{} // closed when the last goes, once somebody waits
}

// add takes a connection in, unless the registry is shut.
func (r *registry) add(c *connection) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shut {
		return false
	}
	c.slot = len(r.all)
	r.all = append(r.all, c)
	return true
}

// close lets no further connection in: one whose acceptance is under way must
// not begin when all others are gone.
func (r *registry) close() {
	r.mu.Lock()
	r.shut = true
	r.mu.Unlock()
}

func (r *registry) remove(c *connection) {
	r.mu.Lock()
	last := len(r.all) - 1
	r.all[c.slot] = r.all[last]
	r.all[c.slot].slot = c.slot
	r.all[last] = nil
	r.all = r.all[:last]
	if last == 0 && r.empty != nil {
		close(r.empty)
		r.empty = nil
	}
	r.mu.Unlock()
}

func (r *registry) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.all)
}

// each calls do for every connection. It must be quick.
func (r *registry) each(do func(c *connection)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.all {
		do(c)
	}
}

// evict ends one idle connection, and says whether there was one.
func (r *registry) evict(now int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.all {
		if c.evictable(now) {
			c.out = true
			_ = c.sock.Close()
			return true
		}
	}
	return false
}

// gone is closed once no connection is open.
func (r *registry) gone() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.empty == nil {
		r.empty = make(chan struct{})
	}
	ch := r.empty
	if len(r.all) == 0 {
		close(ch)
		r.empty = nil
	}
	return ch
}
