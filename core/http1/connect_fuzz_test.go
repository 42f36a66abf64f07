package http1_test

import (
	"io"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// FuzzConnect: what is taken for a destination is a host and a port, and nothing was
// read behind the request.
func FuzzConnect(f *testing.F) {
	for _, s := range []string{
		"a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n", "[::1]:443 HTTP/1.0\r\n\r\n", "a:80 HTTP/1.1\r\nhost: a:80\r\n\r\nx", "a HTTP/1.1\r\n\r\n", "a@b:1 HTTP/1.0\r\n\r\n",
	} {
		f.Add([]byte(s), []byte{3, 1, 9})
	}
	f.Fuzz(func(t *testing.T, rest, cuts []byte) {
		read := func(p [][]byte) (string, error) {
			s := http1.NewServer(&wire{in: p, end: io.EOF}, &serverOptions)
			defer s.Release()
			if err := s.Await(time.Second); err != nil || !s.Begins(http1.Connect) {
				return "", io.ErrUnexpectedEOF
			}
			return s.ReadConnect()
		}
		data := append([]byte(http1.Connect), rest...)
		to, err := read([][]byte{append([]byte(nil), data...)})
		if err != nil {
			return
		}
		host, port, wrong := net.SplitHostPort(to)
		if n, bad := strconv.Atoi(port); wrong != nil || bad != nil || n < 1 || n > 65535 || host == "" || !stream.ValidHost([]byte(to)) {
			t.Fatalf("%q is taken for the destination %q", data, to)
		}
		if apart, err := read(split(data, cuts)); err == nil && apart != to {
			t.Fatalf("whole %q, in pieces %q", to, apart)
		}
	})
}
