package pool

import "github.com/weirproxy/weir/core/sock"

// Raw is a connection that carries bytes alone. It counts among those of its
// pool, and is never used again.
type Raw struct {
	*sock.Conn
	pool *Pool
}

// Dial opens a connection for bytes. It does not wait for room: where as many
// as may be are open, and none is idle, the endpoint is full.
func (p *Pool) Dial() (*Raw, error) {
	p.mu.Lock()
	if p.open >= p.opt.Connections {
		p.evict()
	}
	if p.open >= p.opt.Connections {
		p.stats.Failed++
		p.mu.Unlock()
		return nil, errFull
	}
	p.open++
	p.mu.Unlock()
	c, err := p.dial()
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.stats.Failed++
		p.room()
		return nil, connectFault(err)
	}
	p.stats.Opened++
	return &Raw{c, p}, nil
}

// Leave closes the connection and gives its room back.
func (r *Raw) Leave() {
	_ = r.Conn.Close()
	r.pool.mu.Lock()
	r.pool.room()
	r.pool.mu.Unlock()
}
