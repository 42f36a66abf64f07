package coretest

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Upstream is a service behind the proxy.
type Upstream struct {
	Addr  string
	conns atomic.Int64
}

// Connections is how many it has accepted.
func (u *Upstream) Connections() int { return int(u.conns.Load()) }

// Serve runs an orderly HTTP service.
func Serve(t testing.TB, h http.Handler) *Upstream { return serve(t, h, nil) }

// ServeHTTP2 is Serve for HTTP/2 alone, in clear by prior knowledge.
func ServeHTTP2(t testing.TB, h http.Handler) *Upstream {
	p := new(http.Protocols)
	p.SetUnencryptedHTTP2(true)
	return serve(t, h, p)
}

func serve(t testing.TB, h http.Handler, p *http.Protocols) *Upstream {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.Protocols = p
	u := &Upstream{Addr: s.Listener.Addr().String()}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			u.conns.Add(1)
		}
	}
	s.Start()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return u
}

// Script runs a service whose connections do what each says, in the order
// they come; the last serves all further ones.
func Script(t testing.TB, each ...func(c *Peer)) *Upstream {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &Upstream{Addr: l.Addr().String()}
	var open sync.Map
	var all sync.WaitGroup
	all.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			n := int(u.conns.Add(1))
			open.Store(nc, true)
			all.Go(func() {
				defer nc.Close()
				defer open.Delete(nc)
				each[min(n, len(each))-1](&Peer{Conn: nc, r: bufio.NewReader(nc)})
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		open.Range(func(nc, _ any) bool { _ = nc.(net.Conn).Close(); return true })
		all.Wait()
	})
	return u
}

// Peer is one connection of a scripted service.
type Peer struct {
	net.Conn
	r *bufio.Reader
}

// Head reads a request's head, with its empty line; "" at the end.
func (p *Peer) Head() string {
	var b strings.Builder
	for {
		line, err := p.r.ReadString('\n')
		b.WriteString(line)
		if err != nil || line == "\r\n" {
			return b.String()
		}
	}
}

// Body reads n bytes.
func (p *Peer) Body(n int) string {
	b := make([]byte, n)
	for i := range b {
		c, err := p.r.ReadByte()
		if err != nil {
			return string(b[:i])
		}
		b[i] = c
	}
	return string(b)
}

// Say writes text.
func (p *Peer) Say(text string) { _, _ = p.Conn.Write([]byte(text)) }

// Reset closes so that the other side sees a reset.
func (p *Peer) Reset() {
	_ = p.Conn.(*net.TCPConn).SetLinger(0)
	_ = p.Conn.Close()
}

// Ended waits until the other side has closed, and says so.
func (p *Peer) Ended() bool {
	for {
		if _, err := p.r.ReadByte(); err != nil {
			return true
		}
	}
}
