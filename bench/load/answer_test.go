package load

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/bench/internal/frame"
)

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []answer // those before the first error
		says       string
	}{
		{"two", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n", []answer{{200, false}, {404, false}}, "ended"},
		{"interim", "HTTP/1.1 103 Early\r\nlink: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n", []answer{{204, false}}, "ended"},
		{"chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2;x=y\r\nab\r\n0\r\nt: 1\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\nrest", []answer{{200, false}, {200, true}}, "ended"},
		{"old", "HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", []answer{{200, true}}, "ended"},
		{"switching", "HTTP/1.1 101 S\r\n\r\n", nil, "no status line"},
		{"bad length", "HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n", nil, "no length"},
		{"bad chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n", nil, "no size of a chunk"},
		{"behind a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n", nil, "stands behind a chunk"},
		{"cut", "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nabc", nil, "reading a body"},
		{"long", "HTTP/1.1 200 " + strings.Repeat("x", frame.LineSize), nil, "more than"},
		{"many", "HTTP/1.1 200 OK\r\n" + strings.Repeat("a: b\r\n", frame.MaxFields+1), nil, "more than 1000 header fields"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newReader(strings.NewReader(c.text), false)
			for _, want := range c.want {
				if got, err := r.next(); err != nil || got != want {
					t.Fatalf("%+v, %v; want %+v", got, err, want)
				}
			}
			if got, err := r.next(); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v, says %v, want %q", got, err, c.says)
			}
		})
	}
}

// FuzzAnswers: whatever a server sends, reading ends and does not panic.
func FuzzAnswers(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", false)
	f.Add("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", false)
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n", true)
	f.Fuzz(func(t *testing.T, text string, head bool) {
		r := newReader(strings.NewReader(text), head)
		for n := 0; ; n++ {
			a, err := r.next()
			if err != nil {
				return
			}
			if a.status < 200 || a.status > 999 || n > len(text) {
				t.Fatalf("answer %d is %+v", n, a)
			}
		}
	})
}
