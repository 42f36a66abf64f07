package load_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/bench/load"
	"github.com/weirproxy/weir/core/coretest"
)

func request(t *testing.T, method, body string) load.Request {
	t.Helper()
	r, err := load.NewRequest(method, "/a?b=c", "example.com", []load.Field{{Name: "x-a", Value: "1"}}, body)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func serve(t *testing.T, h http.HandlerFunc) (addr string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// TestLoops: what the load counts is what the server has seen.
func TestLoops(t *testing.T) {
	var got, wrong atomic.Int64
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got.Add(1)
		body := make([]byte, 8)
		n, _ := r.Body.Read(body)
		if r.Method != "POST" || r.RequestURI != "/a?b=c" || r.Host != "example.com" || r.Header.Get("X-A") != "1" || string(body[:n]) != "body" {
			wrong.Add(1)
		}
		if got.Load()%2 == 0 {
			w.(http.Flusher).Flush() // in chunks
		}
		_, _ = w.Write([]byte("hello"))
	})
	for _, c := range []struct {
		name string
		rate float64
	}{{"closed", 0}, {"open", 200}} {
		t.Run(c.name, func(t *testing.T) {
			got.Store(0)
			l := load.Load{Addr: addr, Request: request(t, "POST", "body"), Status: 200, Connections: 3, Rate: c.rate, Duration: 200 * time.Millisecond}
			res, err := l.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if res.Requests == 0 || res.Requests != got.Load() || res.Errors != 0 || wrong.Load() != 0 {
				t.Errorf("%d counted, %d errors, %d seen, %d of them not as sent", res.Requests, res.Errors, got.Load(), wrong.Load())
			}
			if sent := res.Requests + res.Unsent; c.rate > 0 && sent != 40 {
				t.Errorf("%d were to be sent, want 40", sent)
			}
			if res.Latency.Quantile(.5) <= 0 || res.Latency.Quantile(.5) > res.Latency.Max() {
				t.Errorf("half took at most %s, all %s", res.Latency.Quantile(.5), res.Latency.Max())
			}
		})
	}
}

// TestCoordinatedOmission: a server that stands still delays all requests of
// that time, not only the one that it has.
func TestCoordinatedOmission(t *testing.T) {
	const still = 300 * time.Millisecond
	var first atomic.Bool
	addr := serve(t, func(http.ResponseWriter, *http.Request) {
		if first.CompareAndSwap(false, true) {
			time.Sleep(still)
		}
	})
	l := load.Load{Addr: addr, Request: request(t, "GET", ""), Status: 200, Connections: 1, Rate: 100, Duration: 2 * still}
	res, err := l.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Half of all were due while it stood still: those of the first half of that time waited longer than the second.
	if got := res.Latency.Quantile(.8); got < still/3 {
		t.Errorf("a fifth waited for %s and more, want at least %s", got, still/3)
	}
}

// TestUnsent: what was due and never sent is counted, and what it waited.
func TestUnsent(t *testing.T) {
	const lasts = 200 * time.Millisecond
	var n atomic.Int64
	addr := serve(t, func(http.ResponseWriter, *http.Request) {
		if n.Add(1) > 1 {
			time.Sleep(2 * lasts) // the load has begun, and is over before this is
		}
	})
	l := load.Load{Addr: addr, Request: request(t, "GET", ""), Status: 200, Connections: 1, Rate: 20000, Duration: lasts}
	res, err := l.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if sum := res.Requests + res.Errors + res.Unsent; sum != 4000 || res.Unsent < 3000 {
		t.Errorf("%d answered, %d unsent, %d errors: %d of 4000", res.Requests, res.Unsent, res.Errors, sum)
	}
	if res.Latency.Quantile(.5) < lasts/4 {
		t.Errorf("half waited %s at most: those that were not sent are left out", res.Latency.Quantile(.5))
	}
}

// TestFailures are counted, and told.
func TestFailures(t *testing.T) {
	for _, c := range []struct{ name, addr, says string }{
		{"nobody", coretest.Refusing(t), "connection refused"},
		{"status", serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }), "status 503, want 200"},
		{"cut", serve(t, func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"))
			_ = c.Close()
		}), "reading a body"},
		{"no HTTP", serve(t, func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_, _ = c.Write([]byte("220 mail\r\n\r\n"))
			_ = c.Close()
		}), "no status line"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := load.Load{Addr: c.addr, Request: request(t, "GET", ""), Status: 200, Connections: 2, Duration: 50 * time.Millisecond}
			res, err := l.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.says) || res.Errors == 0 || res.Requests != 0 {
				t.Errorf("%d errors, says %v, want %q", res.Errors, err, c.says)
			}
		})
	}
}

// TestInterrupted: it ends, also where an answer is waited for.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	addr := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	for _, rate := range []float64{0, 10} {
		l := load.Load{Addr: addr, Request: request(t, "GET", ""), Status: 200, Connections: 2, Rate: rate, Duration: time.Hour}
		if _, err := l.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("says %v", err)
		}
	}
}

func TestRequestRefuses(t *testing.T) {
	for _, c := range []struct{ method, path, host, name, value, says string }{
		{"G T", "/", "a", "", "", "no method"},
		{"GET", "", "a", "", "", "no path"},
		{"GET", "/ HTTP/1.1", "a", "", "", "no path"},
		{"GET", "/", "a b", "", "", "no host"},
		{"GET", "/", "a", "x y", "", "no header field"},
		{"GET", "/", "a", "x", "1\r\ny: 2", "no header field"},
		{"GET", "/", "a", "Content-Length", "3", "leave it out"},
	} {
		fields := []load.Field{{Name: c.name, Value: c.value}}
		if c.name == "" {
			fields = nil
		}
		if _, err := load.NewRequest(c.method, c.path, c.host, fields, ""); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: says %v", c, err)
		}
	}
}

// TestShort: a load that is over before there is a connection has one request.
func TestShort(t *testing.T) {
	addr := serve(t, func(http.ResponseWriter, *http.Request) {})
	for _, rate := range []float64{0, 1e9} {
		l := load.Load{Addr: addr, Request: request(t, "GET", ""), Status: 200, Connections: 2, Rate: rate, Duration: time.Nanosecond}
		if res, err := l.Run(t.Context()); err != nil || res.Requests != 1 {
			t.Errorf("rate %v: %+v, %v", rate, res, err)
		}
	}
}
