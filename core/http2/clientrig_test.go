package http2_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// enough is how long a client waits for what must come.
const enough = time.Minute

func clientOptions() http2.ClientOptions {
	o := http2.ClientOptions{Options: options().Options}
	o.Head, o.Idle = enough, 0
	return o
}

// client starts a client.
func client(t testing.TB, addr string, o http2.ClientOptions) *http2.Client {
	t.Helper()
	c, _, err := tryClient(t, addr, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tryClient is client for one that may fail; changed gets a word when the client's
// Limit changes.
func tryClient(t testing.TB, addr string, o http2.ClientOptions) (c *http2.Client, changed chan struct{}, err error) {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	reaper := sock.NewReaper(time.Millisecond)
	t.Cleanup(reaper.Close)
	o.Now = reaper.Now
	sc, err := sock.New(nc.(*net.TCPConn), reaper)
	if err != nil {
		t.Fatal(err)
	}
	changed = make(chan struct{}, 100)
	c = http2.NewClient(sc, &o)
	t.Cleanup(c.Close)
	return c, changed, c.Start(enough, func() { changed <- struct{}{} })
}

// origin is a service by the standard library, in clear with prior knowledge.
func origin(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: h, Protocols: new(http.Protocols)}
	s.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

func open(t testing.TB, c *http2.Client) *http2.ClientStream {
	t.Helper()
	s := c.Open()
	if s == nil {
		t.Fatal("no stream")
	}
	return s
}

// headOf is a request without a body.
func headOf(method, path string) *stream.RequestHead {
	return &stream.RequestHead{Method: []byte(method), Scheme: []byte("http"), Authority: []byte("example.com"), Path: []byte(path)}
}

// response is a response that was read whole, or as far as it came.
type response struct {
	status   int
	interims []int
	headers  http.Header
	body     string
	trailers http.Header
	err      error
}

func listOf(h *stream.Headers) http.Header {
	if h == nil {
		return nil
	}
	list := http.Header{}
	for _, f := range h.Fields() {
		list[string(f.Name)] = append(list[string(f.Name)], string(f.Value))
	}
	return list
}

// exchange sends a request whole, unless its body is left out, and reads the response.
func exchange(s *http2.ClientStream, h *stream.RequestHead, body string, trailers *stream.Headers) response {
	f := http1.RequestFraming{Length: int64(len(body))}
	if body == "" {
		f.Length = http1.NoBody
	}
	if trailers != nil {
		f.Length = http1.Unknown
		h.Headers.AddString("trailer", "x-sum")
	}
	if err := s.Send(h, &f, []byte(body), true, trailers, enough); err != nil {
		return response{err: err}
	}
	return receive(s, h)
}

// receive reads the response.
func receive(s *http2.ClientStream, h *stream.RequestHead) (r response) {
	var head stream.ResponseHead
	for r.status < 200 {
		head.Reset()
		if r.err = s.ReadHead(&head, h.Method, enough); r.err != nil {
			return r
		}
		if head.Status < 200 {
			r.interims = append(r.interims, head.Status)
		}
		r.status, r.headers = head.Status, listOf(&head.Headers)
	}
	var b strings.Builder
	for {
		chunk, end, err := s.ReadBody(enough)
		b.Write(chunk)
		if r.err = err; err != nil || end {
			break
		}
	}
	r.body, r.trailers = b.String(), listOf(s.Trailers())
	return r
}

// echoHTTP answers with what it got.
func echoHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("x-method", r.Method)
	w.Header().Set("x-host", r.Host)
	w.Header().Set("x-length", r.Header.Get("content-length"))
	for name, values := range r.Header {
		w.Header()["X-Got-"+name] = values
	}
	w.Header().Set("trailer", "x-sum")
	_, _ = io.Copy(w, r.Body)
	w.Header().Set("x-sum", r.Trailer.Get("x-sum"))
}

var noBody = http1.RequestFraming{Length: http1.NoBody}

// origin1 is a service that speaks HTTP/1.1 alone.
func origin1(t testing.TB) string {
	t.Helper()
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}
