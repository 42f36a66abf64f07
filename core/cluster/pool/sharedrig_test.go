package pool_test

import (
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// origin2 speaks HTTP/2 alone, in clear. A request of /wait is answered when the
// origin is told to.
type origin2 struct {
	addr   string
	server *http.Server
	opened atomic.Int64
	goOn   chan struct{}
}

func serve2(t testing.TB, streams int) *origin2 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &origin2{addr: l.Addr().String(), goOn: make(chan struct{})}
	o.server = &http.Server{
		Protocols: new(http.Protocols), HTTP2: &http.HTTP2Config{MaxConcurrentStreams: streams},
		ConnState: func(_ net.Conn, s http.ConnState) {
			if s == http.StateNew {
				o.opened.Add(1)
			}
		},
		Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/wait" {
				<-o.goOn
			}
		}),
	}
	o.server.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = o.server.Serve(l) }()
	t.Cleanup(func() { _ = o.server.Close() })
	return o
}

// fresh2 makes a pool that speaks HTTP/2 to addr.
func fresh2(t testing.TB, addr string, opt pool.Options) (*pool.Pool, *sock.Reaper) {
	t.Helper()
	r := sock.NewReaper(time.Millisecond)
	t.Cleanup(r.Close)
	opt.Reaper, opt.ConnectTimeout = r, time.Minute
	opt.HTTP2.Now, opt.HTTP2.Head = r.Now, time.Minute
	if opt.Protocol == pool.HTTP1 {
		opt.Protocol = pool.HTTP2
	}
	if opt.HTTP2.Streams == 0 {
		opt.HTTP2.Streams = 100
	}
	if opt.IdleTimeout == 0 {
		opt.IdleTimeout = time.Hour
	}
	if opt.PendingWait == 0 {
		opt.PendingWait = time.Minute
	}
	p := pool.New(addr, &opt)
	t.Cleanup(p.Close)
	return p, r
}

// send begins a request of path over c.
func send(t testing.TB, c *pool.Conn, path string) error {
	h := &stream.RequestHead{Method: []byte("GET"), Scheme: []byte("http"), Authority: []byte("a"), Path: []byte(path)}
	return c.Send(h, &http1.RequestFraming{Length: http1.NoBody}, nil, true, nil, time.Minute)
}

// finish reads the response.
func finish(t testing.TB, c *pool.Conn) error {
	var head stream.ResponseHead
	err := c.ReadHead(&head, []byte("GET"), time.Minute)
	for end := false; err == nil && !end; {
		_, end, err = c.ReadBody(time.Minute)
	}
	return err
}

func counts(t testing.TB, p *pool.Pool, open, idle, streams int) {
	t.Helper()
	if s := p.Stats(); s.Open != open || s.Idle != idle || s.Streams != streams {
		t.Errorf("open %d, idle %d, streams %d, want %d, %d, %d", s.Open, s.Idle, s.Streams, open, idle, streams)
	}
}
