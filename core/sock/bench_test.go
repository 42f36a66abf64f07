package sock_test

import (
	"io"
	"net"
	"testing"
)

// echo answers each message of size bytes with the same.
func echo(c io.ReadWriter, size int) {
	b := make([]byte, size)
	for {
		if _, err := io.ReadFull(c, b); err != nil {
			return
		}
		if _, err := c.Write(b); err != nil {
			return
		}
	}
}

// BenchmarkEcho weighs a write and a read of ours against net.Conn's. The peer
// is a plain connection in both.
func BenchmarkEcho(b *testing.B) {
	const size = 256
	message, answer := make([]byte, size), make([]byte, size)
	run := func(b *testing.B, c io.ReadWriter) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Write(message); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(c, answer); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("sock", func(b *testing.B) {
		c, peer := pair(b, reaper(b))
		go echo(peer, size)
		run(b, c)
	})
	b.Run("sock/exchange", func(b *testing.B) {
		c, peer := pair(b, reaper(b))
		go echo(peer, size)
		b.ReportAllocs()
		for b.Loop() {
			if n, _, err := c.Exchange(message, answer); n != size || err != nil {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("net", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		peer, err := l.Accept()
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = c.Close(); _ = peer.Close() }()
		go echo(peer, size)
		run(b, c)
	})
}
