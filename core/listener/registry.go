package listener

import (
	"sync"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/sock"
)

// connection is one that was accepted.
type connection struct {
	*proxy.Conn
	sock *sock.Conn
	http *http1.Server
	slot int // in the registry, guarded by it
}

// registry is the connections that are open.
type registry struct {
	mu    sync.Mutex
	all   []*connection
	empty chan struct{} // closed when the last goes, once somebody waits
}

func (r *registry) add(c *connection) {
	r.mu.Lock()
	c.slot = len(r.all)
	r.all = append(r.all, c)
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
func (r *registry) evict() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.all {
		if c.Idle() {
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
