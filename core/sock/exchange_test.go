package sock_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/sock"
)

func TestExchange(t *testing.T) {
	c, peer := pair(t, nil)
	go func() {
		b := make([]byte, 4)
		for {
			if _, err := io.ReadFull(peer, b); err != nil {
				return
			}
			_, _ = peer.Write([]byte("pong"))
		}
	}()
	b := make([]byte, 100)
	for range 3 {
		n, written, err := c.Exchange([]byte("ping"), b)
		if string(b[:n]) != "pong" || !written || err != nil {
			t.Fatalf("%q, %v, %v", b[:n], written, err)
		}
	}
}

func TestExchangeOfMoreThanTheSocketTakes(t *testing.T) {
	c, peer := pair(t, nil)
	out := bytes.Repeat([]byte("x"), 8<<20)
	go func() {
		_, _ = io.CopyN(io.Discard, peer, int64(len(out)))
		_, _ = peer.Write([]byte("pong"))
	}()
	b := make([]byte, 100)
	if n, written, err := c.Exchange(out, b); string(b[:n]) != "pong" || !written || err != nil {
		t.Errorf("%q, %v, %v", b[:n], written, err)
	}
}

// Nothing is written on an idle connection that ended, or on which bytes came
// that nobody asked for: they would pass for the answer.
func TestExchangeOnAStaleConnection(t *testing.T) {
	for name, spoil := range map[string]func(*net.TCPConn){
		"closed":   func(p *net.TCPConn) { _ = p.Close() },
		"half":     func(p *net.TCPConn) { _ = p.CloseWrite() },
		"reset":    func(p *net.TCPConn) { _ = p.SetLinger(0); _ = p.Close() },
		"poisoned": func(p *net.TCPConn) { _, _ = p.Write([]byte("HTTP/1.1 200 OK\r\n\r\n")) },
	} {
		c, peer := pair(t, nil)
		if err := c.Alive(); err != nil {
			t.Fatal(err)
		}
		spoil(peer)
		eventually(func() bool { return c.Peek() != sock.Quiet })
		if err := c.Alive(); err != sock.ErrStale {
			t.Errorf("%s: alive: %v, want ErrStale", name, err)
		}
		if n, written, err := c.Exchange([]byte("ping"), make([]byte, 10)); n != 0 || written || err != sock.ErrStale {
			t.Errorf("%s: %d, %v, %v, want ErrStale", name, n, written, err)
		}
	}
}

// lender counts its buffers.
type lender struct{ out atomic.Int32 }

func (l *lender) Get() *[]byte {
	l.out.Add(1)
	b := make([]byte, 64)
	return &b
}
func (l *lender) Put(*[]byte) { l.out.Add(-1) }

func TestReadFirstTakesNoBufferWhileIdle(t *testing.T) {
	c, peer := pair(t, nil)
	pool := new(lender)
	type result struct {
		text string
		err  error
	}
	read := make(chan result)
	go func() {
		for {
			b, n, err := c.ReadFirst(pool)
			if err != nil {
				if b != nil {
					err = errors.New("a buffer beside an error")
				}
				read <- result{"", err}
				return
			}
			read <- result{string((*b)[:n]), nil}
			pool.Put(b)
		}
	}()
	for range 3 {
		write(t, peer, "hi")
		if r := <-read; r.text != "hi" {
			t.Fatalf("%+v", r)
		}
		eventually(func() bool { return pool.out.Load() == 0 })
	}
	_ = peer.Close()
	if r := <-read; r.err != io.EOF || pool.out.Load() != 0 {
		t.Errorf("at the end: %v, %d buffers lent", r.err, pool.out.Load())
	}
}
