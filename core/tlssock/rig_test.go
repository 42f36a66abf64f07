package tlssock_test

import (
	"context"
	"crypto/tls"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity/identitytest"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/tlssock"
)

// versions are those that are spoken.
var versions = map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13}

// rig is a connection of ours with crypto/tls at its other end.
type rig struct {
	ours   *tlssock.Conn
	theirs *tls.Conn
	wire   *slow // below theirs
}

// slow writes byte by byte when it is told to, and counts what it reads.
type slow struct {
	*net.TCPConn
	bytewise bool
	got      []byte
}

func (s *slow) Write(p []byte) (int, error) {
	if !s.bytewise {
		return s.TCPConn.Write(p)
	}
	for i := range p {
		if _, err := s.TCPConn.Write(p[i : i+1]); err != nil {
			return i, err
		}
		runtime.Gosched()
	}
	return len(p), nil
}

func (s *slow) Read(p []byte) (int, error) {
	n, err := s.TCPConn.Read(p)
	s.got = append(s.got, p[:n]...)
	return n, err
}

// connect makes the two ends of a connection; server says which is ours.
func connect(t testing.TB, version uint16, server bool) *rig {
	t.Helper()
	r := raw(t)
	a := identitytest.New(t)
	serves := &tls.Config{Certificates: []tls.Certificate{a.Pair(a.Issue("site", identitytest.Request{Names: []string{"a.test"}}))}, MaxVersion: version, DynamicRecordSizingDisabled: true}
	asks := &tls.Config{RootCAs: a.Pool, ServerName: "a.test", MaxVersion: version}
	reaper := sock.NewReaper(time.Millisecond)
	t.Cleanup(reaper.Close)
	sc, err := sock.New(r[0], reaper)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sc.Close() })
	w := &slow{TCPConn: r[1]}
	x := &rig{wire: w}
	if server {
		x.ours, x.theirs = tlssock.Server(sc, serves), tls.Client(w, asks)
	} else {
		x.ours, x.theirs = tlssock.Client(sc, asks), tls.Server(w, serves)
	}
	done := make(chan error, 1)
	go func() { done <- x.theirs.Handshake() }()
	if err := x.ours.Handshake(context.Background(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return x
}

// raw is a connected pair of sockets.
func raw(t testing.TB) (ends [2]*net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	there, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	here, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = here.Close(); _ = there.Close() })
	return [2]*net.TCPConn{here.(*net.TCPConn), there.(*net.TCPConn)}
}

// each runs a test in both versions.
func each(t *testing.T, server bool, do func(t *testing.T, r *rig)) {
	for name, v := range versions {
		t.Run(name, func(t *testing.T) { do(t, connect(t, v, server)) })
	}
}

// lent is a pool that counts what is out.
type lent struct{ out, most int }

func (l *lent) Get() *[]byte {
	l.out++
	l.most = max(l.most, l.out)
	b := make([]byte, 4096)
	return &b
}

func (l *lent) Put(*[]byte) { l.out-- }
