package pool

import (
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
)

// Raw is a connection that carries bytes alone. It counts among those of its
// pool, and is never used again.
type Raw struct {
	http1.Transport
	Ends
	pool *Pool
}

// Dial opens a connection for bytes: preface is sent first, in clear, and what
// follows with TLS where the endpoint is spoken to so. It does not wait for room:
// where as many as may be are open, and none is idle, the endpoint is full.
func (p *Pool) Dial(preface []byte) (*Raw, error) {
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
	r, err := p.dialRaw(preface)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.stats.Failed++
		p.room()
		return nil, err
	}
	p.stats.Opened++
	return r, nil
}

func (p *Pool) dialRaw(preface []byte) (*Raw, error) {
	began := time.Now()
	sc, err := p.dial()
	if err != nil {
		return nil, connectFault(err)
	}
	left := func() time.Duration { return max(p.opt.ConnectTimeout-time.Since(began), time.Millisecond) }
	if err := introduce(sc, preface, left()); err != nil {
		_ = sc.Close()
		return nil, err
	}
	t, told, err := p.secure(p.raw, sc, left())
	if err != nil {
		return nil, err
	}
	return &Raw{t, Ends{Local: sc.Local(), Remote: sc.Remote(), Secured: told}, p}, nil
}

// introduce sends what comes before the client's first byte.
func introduce(to *sock.Conn, preface []byte, wait time.Duration) error {
	if len(preface) == 0 {
		return nil
	}
	to.ArmWrite(wait)
	defer to.ArmWrite(0)
	if err := to.WriteVec(preface, nil, nil); err != nil {
		return fault.New(fault.Connect, "sending a PROXY header to the upstream", err)
	}
	return nil
}

// Leave closes the connection and gives its room back.
func (r *Raw) Leave() {
	_ = r.Close()
	r.pool.mu.Lock()
	r.pool.room()
	r.pool.mu.Unlock()
}
