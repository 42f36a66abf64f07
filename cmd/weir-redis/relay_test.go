package main

import (
	"io"
	"net"
	"sync"
	"testing"
)

// relay stands before a Redis and can hold back what that answers.
type relay struct {
	addr string

	mu   sync.Mutex
	open chan struct{} // closed: answers pass
}

func startRelay(t *testing.T, s *server) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{addr: l.Addr().String(), open: make(chan struct{})}
	close(r.open)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go r.pass(c, s.socket)
		}
	}()
	return r
}

// pass carries one connection.
func (r *relay) pass(c net.Conn, socket string) {
	defer c.Close()
	up, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer up.Close()
	go func() {
		_, _ = io.Copy(up, c)
		_ = up.Close()
	}()
	b := make([]byte, 4096)
	for {
		n, err := up.Read(b)
		if err != nil {
			return
		}
		<-r.gate()
		if _, err := c.Write(b[:n]); err != nil {
			return
		}
	}
}

func (r *relay) gate() chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open
}

// hold keeps answers back until it is released.
func (r *relay) hold() (release func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	gate := make(chan struct{})
	r.open = gate
	return sync.OnceFunc(func() { close(gate) })
}
