package httpwasm_test

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/httpwasm"
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/wasm"
)

// load makes a filter of a guest, without a proxy around it.
func load(t testing.TB, code []byte, log *slog.Logger) filter.Filter {
	t.Helper()
	o := wasm.Options{Log: log}
	if dir, err := os.UserCacheDir(); err == nil {
		o.CacheDir = filepath.Join(dir, "weir-test", "wasm")
	}
	engine, err := wasm.New(o)
	if err != nil {
		t.Fatal(err)
	}
	// A guest may trap as often as it likes, or a test would see no more of it.
	never := wasm.BreakerOptions{Failures: 1 << 30, Backoff: time.Nanosecond, MaxBackoff: time.Microsecond}
	h := httpwasm.New(httpwasm.Options{Engine: engine, Log: log, Breaker: never})
	f, err := h.Filter(context.Background(), httpwasm.Spec{Name: "guest", Code: code})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Close()
		h.Close()
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// life takes streams of a chain from their heads to their ends, one after the
// other.
type life struct {
	st *chain.Stream
	c  *chain.Chain

	request, response []string // bodies, in pieces; none is a message without
	trailers          *stream.Headers
}

func newLife(f ...filter.Filter) *life {
	links := make([]chain.Link, len(f))
	for i := range f {
		links[i] = chain.Link{Filter: f[i]}
	}
	return &life{st: chain.NewStream(), c: chain.New(links, 1<<20)}
}

func (l *life) SetCluster(string) bool { return false }
func (l *life) ClearRoute()            {}

var (
	method, path, host, scheme = []byte("GET"), []byte("/orders/42?full=1"), []byte("api.example.com"), []byte("http")
	sixFields                  = [][2][]byte{
		{[]byte("user-agent"), []byte("curl/8.1")}, {[]byte("accept"), []byte("*/*")}, {[]byte("accept-encoding"), []byte("gzip")},
		{[]byte("x-request-id"), []byte("0123456789abcdef0123456789abcdef")}, {[]byte("cookie"), []byte("session=0123456789abcdef")},
		{[]byte("content-type"), []byte("application/json")},
	}
	peer = netip.MustParseAddrPort("192.0.2.1:4711")
)

func (l *life) run() {
	st := l.st
	r := st.Request()
	r.Method, r.Path, r.Authority, r.Scheme, r.Version = method, path, host, scheme, stream.HTTP11
	for i := range sixFields {
		r.Headers.AppendRaw(sixFields[i][0], sixFields[i][1])
	}
	st.Info().Source = peer
	st.Begin(l.c, l)
	v := l.send(filter.Request, l.request)
	if v == chain.Passed {
		st.Sent(filter.Request)
		h := st.ResponseHead()
		h.Status, h.Version = 200, stream.HTTP11
		h.Headers.AppendRaw(sixFields[5][0], sixFields[5][1])
		v = l.send(filter.Response, l.response)
	}
	for v == chain.Replied {
		body := []string{string(st.TakeReply())}
		if body[0] == "" {
			body = nil
		}
		v = l.send(filter.Response, body)
	}
	st.Log()
	st.Finish()
}

// send takes one message through the chain. Nobody resumes what pauses.
func (l *life) send(d filter.Direction, body []string) chain.Verdict {
	v := l.st.Head(d, len(body) == 0)
	for i, piece := range body {
		if v > chain.Held {
			return v
		}
		l.st.Take(d)
		last := i == len(body)-1
		v = l.st.Feed(d, []byte(piece), last && l.trailers == nil)
		if v <= chain.Held && last && l.trailers != nil {
			v = l.st.FeedTrailers(d, l.trailers)
		}
	}
	l.st.Take(d)
	return v
}
