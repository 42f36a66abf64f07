package pool

import (
	"errors"
	"math/rand/v2"
	"net"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// connect opens a connection into room that is already counted, and begins an
// exchange on it.
func (p *Pool) connect() (*Conn, error) {
	began := time.Now()
	sc, err := p.dial()
	if err != nil {
		return nil, p.failed(err)
	}
	t, told, err := p.secure(p.tls, sc, p.opt.ConnectTimeout-time.Since(began))
	if err != nil {
		return nil, p.failed(err)
	}
	ends, alpn := Ends{Local: sc.Local(), Remote: sc.Remote(), Secured: told}, ""
	if told != nil {
		alpn = told.ALPN
	}
	if p.opt.Protocol.http2(alpn) {
		return p.share(t, ends)
	}
	c := &Conn{Exchange: http1.NewClient(t, &p.opt.Client), Ends: ends, dies: p.deathday()}
	p.mu.Lock()
	p.opened(false)
	p.serve() // those who waited for a connection to share need one each
	p.mu.Unlock()
	return c, nil
}

// dial opens the socket.
func (p *Pool) dial() (*sock.Conn, error) {
	d := sock.Dialer(net.Dialer{Timeout: p.opt.ConnectTimeout})
	began := time.Now()
	nc, err := d.Dial("tcp", p.addr)
	if err != nil {
		return nil, err
	}
	if p.opt.Connected != nil {
		p.opt.Connected(time.Since(began))
	}
	sc, err := sock.New(nc.(*net.TCPConn), p.opt.Reaper)
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	return sc, nil
}

// share makes t a connection that carries several exchanges, of which the first
// is the caller's and the next are theirs who wait.
func (p *Pool) share(t http1.Transport, ends Ends) (*Conn, error) {
	s := &shared{Client: http2.NewClient(t, &p.opt.HTTP2), ends: ends}
	if err := s.Start(p.opt.ConnectTimeout, func() { p.changed(s) }); err != nil {
		return nil, p.failed(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opened(true)
	s.idle, s.dies = p.opt.Reaper.Now(), p.deathday()
	p.several.live = append(p.several.live, s)
	p.several.breadth = max(s.Limit(), 1)
	if s.Limit() == 0 { // before it was among them
		p.retire(s)
	}
	c := p.join(s.idle)
	p.serve()
	if c == nil {
		return nil, errGone
	}
	return c, nil
}

var errGone = fault.New(fault.Connect, "connecting to the upstream: it takes no requests on a new connection", nil)

// opened notes a connection that was opened, and whether it carries several
// exchanges: the next is thought to do as this one. The lock is held.
func (p *Pool) opened(several bool) {
	p.stats.Opened++
	p.several.dials--
	p.several.expected = several
}

// secure does the TLS handshake, where the endpoint is spoken to with TLS: with is
// nil where it is not. After an error sc is closed.
func (p *Pool) secure(with *identity.Endpoint, sc *sock.Conn, wait time.Duration) (http1.Transport, *stream.TLSInfo, error) {
	if with == nil {
		return sc, nil, nil
	}
	t, told, err := with.Connect(sc, max(wait, time.Millisecond))
	if err == nil {
		return t, told, nil
	}
	_ = sc.Close()
	kind := fault.UpstreamTLS
	switch {
	case identity.Untrusted(err):
		kind = fault.UpstreamUntrusted
		if p.opt.Untrusted != nil {
			p.opt.Untrusted(p.addr, err)
		}
	case errors.Is(err, sock.ErrTimeout):
		kind = fault.ConnectTimeout
	}
	return nil, nil, fault.New(kind, "securing the connection to the upstream", err)
}

// failed notes a connection that was not. Those who wait for it, and have nothing
// else to wait for, fail with it.
func (p *Pool) failed(err error) error {
	if fault.KindOf(err) == fault.Unknown {
		err = connectFault(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Failed++
	p.open--
	p.several.dials--
	if p.several.expected && p.open == 0 {
		for p.next(turn{err: err}) {
		}
	}
	p.serve()
	return err
}

func connectFault(err error) error {
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
