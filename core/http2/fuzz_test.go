package http2_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/stream"
)

// FuzzHead: a head that is taken, written as HTTP/1, is one request to our
// strict parser, with the same parts. Names and values are lines of the input.
func FuzzHead(f *testing.F) {
	seeds := [][]string{get(), post("content-length", "3"), get("cookie", "a", "cookie", "b"), get("x", "a\r\nb"),
		get("host", "a"), get("te", "trailers"), get("X", "y"), get("transfer-encoding", "chunked"),
		{":method", "CONNECT", ":protocol", "websocket", ":scheme", "http", ":authority", "a", ":path", "/"}}
	for _, s := range seeds {
		f.Add([]byte(strings.Join(s, "\xff")), false)
	}
	f.Fuzz(func(t *testing.T, in []byte, end bool) {
		parts := strings.Split(string(in), "\xff")
		var fields []hpack.HeaderField
		for i := 0; i+1 < len(parts); i += 2 {
			fields = append(fields, hpack.HeaderField{Name: parts[i], Value: parts[i+1]})
		}
		var head, again stream.RequestHead
		var framing, framed http1.Framing
		if http2.ParseRequest(fields, end, &head, &framing, &limits, true) != nil {
			return
		}
		var b bytes.Buffer
		b.WriteString(string(head.Method) + " " + string(head.Path) + " HTTP/1.1\r\nhost: " + string(head.Authority) + "\r\n")
		for _, f := range head.Headers.Fields() {
			b.WriteString(string(f.Name) + ": " + string(f.Value) + "\r\n")
		}
		if framing.Upgrade {
			b.WriteString("connection: upgrade\r\n")
		}
		b.WriteString("\r\n")
		wide := http1.Limits{Bytes: 1 << 20, Count: 1000, Line: 1 << 20}
		if err := http1.ParseRequest(b.Bytes(), &again, &framed, &wide); err != nil {
			t.Fatalf("taken, but not as HTTP/1: %v\n%q", err, b.String())
		}
		head.Scheme = nil
		if a, b := shown(&head), shown(&again); a != b {
			t.Fatalf("as HTTP/2 %s\nas HTTP/1 %s", a, b)
		}
		if framed.Length != framing.Length || framed.Chunked {
			t.Fatalf("framed as %+v, written %+v", framing, framed)
		}
	})
}

// FuzzConnection: whatever a client sends behind its preface, the connection
// ends, and a server that answers at once is left with nothing.
func FuzzConnection(f *testing.F) {
	frame := func(kind, flags byte, id uint32, payload string) string {
		n := len(payload)
		return string([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags, byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)}) + payload
	}
	settings := frame(4, 0, 0, "")
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	for _, h := range decoded(post()) {
		_ = e.WriteField(h)
	}
	head := block.String()
	for _, s := range []string{
		settings,
		settings + frame(1, 5, 1, head),
		settings + frame(1, 4, 1, head) + frame(0, 1, 1, "hello"),
		settings + frame(1, 4, 1, head) + frame(0, 9, 1, "\x02hello\x00\x00") + frame(3, 0, 1, "\x00\x00\x00\x08"),
		settings + frame(1, 0, 1, head[:4]) + frame(9, 4, 1, head[4:]),
		settings + frame(1, 5, 1, head) + frame(6, 0, 0, "12345678") + frame(8, 0, 0, "\x00\x01\x00\x00") + frame(7, 0, 0, "\x00\x00\x00\x00\x00\x00\x00\x00"),
		settings + frame(1, 0x2d, 1, "\x01\x00\x00\x00\x03\x10"+head+"\x00") + frame(2, 0, 1, "\x00\x00\x00\x05\x10"),
	} {
		f.Add([]byte(s))
	}
	o := options()
	f.Fuzz(func(t *testing.T, in []byte) {
		w := &script{in: append([]byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), in...)}
		s := http2.NewServer(w, &o, nil)
		_ = s.Serve(func(st *http2.ServerStream) {
			var head stream.RequestHead
			status := http.StatusOK
			if _, err := st.ReadRequest(&head); err != nil {
				status = http.StatusBadRequest
			}
			_, _, _ = st.Ready()
			_ = st.WriteHead(&stream.ResponseHead{Status: status}, http1.Unknown, hello, true, nil)
		})
		if n := s.Streams(); n != 0 {
			t.Fatalf("%d streams are left", n)
		}
		if !w.closed {
			t.Fatal("the connection was not closed")
		}
	})
}
