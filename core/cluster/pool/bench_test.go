package pool_test

import (
	"net"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// deafOrigin answers whatever comes, and allocates nothing for it.
func deafOrigin(b *testing.B) *origin {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				in, out := make([]byte, 4096), []byte("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
				for {
					if _, err := c.Read(in); err != nil {
						_ = c.Close()
						return
					}
					_, _ = c.Write(out)
				}
			}()
		}
	}()
	b.Cleanup(func() { _ = l.Close() })
	return &origin{Listener: l}
}

// BenchmarkHTTP1 is an exchange on a connection out of the pool, and back.
func BenchmarkHTTP1(b *testing.B) {
	p, _ := fresh(b, deafOrigin(b), pool.Options{Connections: 1, Pending: 1})
	h := &stream.RequestHead{Method: []byte("GET"), Authority: []byte("a"), Path: []byte("/")}
	f := &http1.RequestFraming{Length: http1.NoBody}
	var head stream.ResponseHead
	b.ReportAllocs()
	for b.Loop() {
		c := p.Idle()
		if c == nil {
			c = get(b, p, false)
		}
		head.Reset()
		if err := c.Send(h, f, nil, true, nil, time.Minute); err != nil {
			b.Fatal(err)
		}
		if err := c.ReadHead(&head, h.Method, time.Minute); err != nil {
			b.Fatal(err)
		}
		p.Put(c)
	}
}

// BenchmarkIdle is what the pool alone costs, by way of one that is empty.
func BenchmarkIdle(b *testing.B) {
	p, _ := fresh(b, deafOrigin(b), pool.Options{Connections: 1, Pending: 1})
	b.ReportAllocs()
	for b.Loop() {
		if p.Idle() != nil {
			b.Fatal("an empty pool has an idle connection")
		}
	}
}
