package system

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weirproxy/weir/bench/internal/origin"
	"github.com/weirproxy/weir/bench/internal/reply"
)

// proxyOf is a stand-in for a proxy with filters, with faults to be injected.
type proxyOf struct {
	up, down bool // sets the fields
	keeps    bool // the prefix, which another takes away
	open     bool // lets requests without a key through
	status   int
	body     string // instead of the origin's
}

func (p proxyOf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get(keyHeader) == "" && !p.open:
		w.WriteHeader(http.StatusUnauthorized)
		return
	case p.status != 0:
		w.WriteHeader(p.status)
		return
	}
	if p.down {
		w.Header().Set("X-Down", "1")
	}
	if strings.HasSuffix(r.URL.Path, reply.HeadersPath) {
		path := strings.TrimPrefix(r.URL.Path, prefix)
		if p.keeps {
			path = r.URL.Path
		}
		head := "GET " + path + " HTTP/1.1\r\nHost: a\r\n"
		if p.up {
			head += "x-up: 1\r\n"
		}
		_, _ = w.Write([]byte(head + "\r\n"))
		return
	}
	body := string(reply.Body)
	if p.body != "" {
		body = p.body
	}
	_, _ = w.Write([]byte(body))
}

// TestCheck sees that whatever does not do its work is found out.
func TestCheck(t *testing.T) {
	w := wants{target: "/headers", up: []field{{"X-Up", "1"}}, down: []field{{"x-down", ""}}, refusal: map[string]int{keyHeader: http.StatusUnauthorized}}
	for _, c := range []struct {
		name  string
		proxy proxyOf
		want  string // of the error; "" for none
	}{
		{"works", proxyOf{up: true, down: true}, ""},
		{"error page", proxyOf{up: true, down: true, status: 503}, "status is 503"},
		{"other body", proxyOf{up: true, down: true, body: "welcome"}, `the answer is "welcome"`},
		{"no request filter", proxyOf{down: true}, `the origin did not get "X-Up: 1"`},
		{"no response filter", proxyOf{up: true}, `the client did not get "x-down: "`},
		{"no rewriting", proxyOf{up: true, down: true, keeps: true}, `the origin did not get "GET /headers "`},
		{"lets all through", proxyOf{up: true, down: true, open: true}, "should be refused with 401"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(c.proxy)
			defer s.Close()
			err := check(context.Background(), asker, s.URL+prefix, w)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestCheckReadsTheOrigin holds the check and the origin together.
func TestCheckReadsTheOrigin(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() { _ = origin.Serve(l) }()
	w := wants{up: []field{{tenantHeader, "bench"}}}
	if err := check(context.Background(), asker, "http://"+l.Addr().String()+prefix, w); err != nil {
		t.Error(err)
	}
}

func TestFieldIsIn(t *testing.T) {
	const block = "GET / HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-Empty: \r\n\r\n"
	for _, c := range []struct {
		f    field
		want bool
	}{
		{field{"x-one", "1"}, true},
		{field{"x-one", ""}, true},
		{field{"x-one", "2"}, false},
		{field{"x-empty", ""}, false},
		{field{"one", "1"}, false},
	} {
		if got := c.f.isIn(block); got != c.want {
			t.Errorf("%q: got %v, want %v", c.f, got, c.want)
		}
	}
}
