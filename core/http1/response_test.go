package http1_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

func TestResponseHeads(t *testing.T) {
	const bad = fault.UpstreamProtocol
	for _, c := range []struct {
		name string
		head string // CR LF CR LF is added
		want fault.Kind
	}{
		{"plain", "HTTP/1.1 200 OK", accepted},
		{"no reason", "HTTP/1.1 200 ", accepted},
		{"no reason and no blank", "HTTP/1.1 200", accepted},
		{"HTTP/1.0", "HTTP/1.0 200 OK", accepted},
		{"HTTP/1.2", "HTTP/1.2 200 OK", bad},
		{"HTTP/2", "HTTP/2 200 OK", bad},
		{"no status line, HTTP/0.9", "hello", bad},
		{"status of two digits", "HTTP/1.1 20 OK", bad},
		{"status of four digits", "HTTP/1.1 2000 OK", bad},
		{"status with a sign", "HTTP/1.1 +20 OK", bad},
		{"status below 100", "HTTP/1.1 099 x", bad},
		{"status above 599", "HTTP/1.1 600 x", bad},
		{"control in the reason", "HTTP/1.1 200 O\x01K", bad},
		{"bare LF", "HTTP/1.1 200 OK\nX: y", bad},
		{"blank before the colon", "HTTP/1.1 200 OK\r\nX : y", bad},
		{"folded line", "HTTP/1.1 200 OK\r\nX: y\r\n z", bad},
		{"two equal Content-Lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3", bad},
		{"Content-Length and chunked", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked", bad},
		{"chunked twice", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked", bad},
		{"identity", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity", bad},
		{"chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked", bad},
		{"Connection names Set-Cookie", "HTTP/1.1 200 OK\r\nConnection: set-cookie", bad},
		{"one field too many", "HTTP/1.1 200 OK" + strings.Repeat("\r\nX: y", clientOptions.HeadCount+1), fault.UpstreamHeadTooLarge},
		{"head too large", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", clientOptions.Head), fault.UpstreamHeadTooLarge},
		{"status line too long", "HTTP/1.1 200 " + strings.Repeat("y", clientOptions.Head), fault.UpstreamHeadTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole := c.head + "\r\n\r\n"
			for _, n := range []int{len(whole), 1, 5, 1000} {
				client := http1.NewClient(&wire{in: pieces(whole, n)}, &clientOptions)
				var head stream.ResponseHead
				err := client.ReadHead(&head, []byte("GET"), 0)
				if got := kindOf(err); got != c.want {
					t.Fatalf("in pieces of %d: %s (%v), want %s", n, show(got), err, show(c.want))
				}
			}
		})
	}
}

func TestResponseFraming(t *testing.T) {
	for _, c := range []struct {
		method, head string
		want         http1.Framing
	}{
		{"GET", "HTTP/1.1 200 OK\r\nContent-Length: 5", http1.Framing{Length: 5}},
		{"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", http1.Framing{Length: -1, Chunked: true}},
		{"GET", "HTTP/1.1 200 OK", http1.Framing{Length: -1, UntilEOF: true, Close: true}},
		{"GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close", http1.Framing{Length: 5, Close: true}},
		{"GET", "HTTP/1.0 200 OK\r\nContent-Length: 5", http1.Framing{Length: 5, Close: true}},
		{"GET", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive", http1.Framing{Length: 5}},
		{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5", http1.Framing{}},
		{"HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", http1.Framing{}},
		{"GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5", http1.Framing{}},
		{"GET", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked", http1.Framing{}},
		{"GET", "HTTP/1.1 103 Early Hints\r\nContent-Length: 5", http1.Framing{}},
	} {
		var head stream.ResponseHead
		var f http1.Framing
		err := http1.ParseResponse([]byte(c.head+"\r\n\r\n"), &head, &f, []byte(c.method), 100)
		if err != nil || f != c.want {
			t.Errorf("%s, %q: %+v, %v, want %+v", c.method, c.head, f, err, c.want)
		}
	}
}
