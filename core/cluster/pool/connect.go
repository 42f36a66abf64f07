package pool

import (
	"errors"
	"math/rand/v2"
	"net"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
)

// connect opens a connection into room that is already counted.
func (p *Pool) connect() (*Conn, error) {
	sc, err := p.dial()
	if err != nil {
		return nil, err
	}
	return &Conn{Exchange: http1.NewClient(sc, &p.opt.Client), dies: p.deathday()}, nil
}

// dial opens the socket.
func (p *Pool) dial() (*sock.Conn, error) {
	d := net.Dialer{Timeout: p.opt.ConnectTimeout}
	began := time.Now()
	nc, err := d.Dial("tcp", p.addr)
	if err != nil {
		return nil, p.failed(err)
	}
	if p.opt.Connected != nil {
		p.opt.Connected(time.Since(began))
	}
	sc, err := sock.New(nc.(*net.TCPConn), p.opt.Reaper)
	if err != nil {
		_ = nc.Close()
		return nil, p.failed(err)
	}
	p.mu.Lock()
	p.stats.Opened++
	p.mu.Unlock()
	return sc, nil
}

func (p *Pool) failed(err error) error {
	p.room()
	p.mu.Lock()
	p.stats.Failed++
	p.mu.Unlock()
	kind := fault.Connect
	var ne net.Error
	if errors.As(err, &ne) && ne.Timeout() {
		kind = fault.ConnectTimeout
	}
	return fault.New(kind, "connecting to the upstream", err)
}

// deathday spreads the ends of connections that began together.
func (p *Pool) deathday() int64 {
	if p.opt.MaxAge <= 0 {
		return 0
	}
	spread := time.Duration(float64(p.opt.MaxAge) * (0.9 + 0.2*rand.Float64()))
	return p.opt.Reaper.Now() + int64(spread)
}
