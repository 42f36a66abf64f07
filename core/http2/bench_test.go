package http2_test

import (
	"net"
	"net/http"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/stream"
)

// BenchmarkServer is a request and its answer over a loopback socket, by so
// many streams at once, for ours and for the standard library's server. The
// client is the same raw one, which allocates nothing a request.
func BenchmarkServer(b *testing.B) {
	for _, streams := range []int{1, 10, 100} {
		name := map[int]string{1: "streams=1", 10: "streams=10", 100: "streams=100"}[streams]
		b.Run("weir/"+name, func(b *testing.B) {
			ask(b, serve(b, options(), answer).addr, streams)
		})
		b.Run("net/"+name, func(b *testing.B) {
			ask(b, standard(b), streams)
		})
	}
}

var answerFields = func() (h stream.Headers) {
	h.AddString("content-type", "text/plain")
	h.AddString("server", "weir")
	return h
}()

func answer(s *http2.ServerStream) {
	var head stream.RequestHead
	_, _ = s.ReadRequest(&head)
	_ = s.WriteHead(&stream.ResponseHead{Status: 200, Headers: answerFields}, http1.Unknown, hello, true, nil)
}

var hello = []byte("hello, world")

func standard(b *testing.B) string {
	return standardWith(b, func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{"text/plain"}
		w.Header()["Server"] = []string{"weir"}
		_, _ = w.Write(hello)
	})
}

// standardWith is the standard library's server, in clear.
func standardWith(b *testing.B, handle http.HandlerFunc) (addr string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	p := new(http.Protocols)
	p.SetUnencryptedHTTP2(true)
	s := &http.Server{Protocols: p, Handler: handle}
	go func() { _ = s.Serve(l) }()
	b.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

// ask keeps so many streams under way on one connection until b.N were answered.
func ask(b *testing.B, addr string, streams int) {
	c := dial(b, addr)
	block := c.block(":method", "GET", ":scheme", "http", ":authority", "example.com", ":path", "/a/path?with=query",
		"user-agent", "bench/1.0", "accept", "*/*", "x-request-id", "0123456789abcdef")
	_ = c.block() // the table knows them from here on
	again := c.block(":method", "GET", ":scheme", "http", ":authority", "example.com", ":path", "/a/path?with=query",
		"user-agent", "bench/1.0", "accept", "*/*", "x-request-id", "0123456789abcdef")
	b.ReportAllocs()
	b.ResetTimer()
	id, sent, got := uint32(1), 0, 0
	for got < b.N {
		for sent < b.N && sent-got < streams {
			c.headersFrame(id, block)
			block = again
			id += 2
			sent++
		}
		c.flush()
		for {
			f, err := c.framer.ReadFrame()
			if err != nil {
				b.Fatal(err)
			}
			if d, ok := f.(*xhttp2.DataFrame); ok && d.StreamEnded() {
				if got++; got%1000 == 0 {
					c.update(0, 1000*uint32(len(hello)))
					c.flush()
				}
				break
			}
			if g, ok := f.(*xhttp2.GoAwayFrame); ok {
				b.Fatal("GOAWAY ", g.ErrCode)
			}
		}
	}
}
