package identity_test

import (
	"bytes"
	"crypto/tls"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// meet lets a client connect to s, and gives what both learn. The client reads a
// byte, and with it its session ticket.
func meet(t testing.TB, s *identity.Server, cfg *tls.Config) (*stream.TLSInfo, tls.ConnectionState) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client := make(chan tls.ConnectionState, 1)
	go func() {
		defer close(client)
		c, err := tls.Dial("tcp", l.Addr().String(), cfg)
		if err != nil {
			return
		}
		defer c.Close()
		if _, err := c.Read(make([]byte, 1)); err == nil {
			client <- c.ConnectionState()
		}
	}()
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	sc, err := sock.New(nc.(*net.TCPConn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer sc.Close()
	c, info, err := s.Accept(sc, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.WriteVec([]byte("x"), nil, nil); err != nil {
		t.Fatal(err)
	}
	return info, <-client
}

// newServer makes one whose log is kept.
func newServer(t testing.TB, o identity.ServerOptions) (*identity.Server, *bytes.Buffer) {
	t.Helper()
	log := new(bytes.Buffer)
	o.Log = slog.New(slog.NewTextHandler(log, nil))
	s, problems := identity.NewServer(o)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return s, log
}
