package http2_test

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// What a foreign server gets and what it answers arrive as they were.
func TestClientExchanges(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 256<<10/16)
	addr := origin(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/status":
			n, _ := strconv.Atoi(r.URL.RawQuery)
			w.Header().Set("x-a", "b")
			w.WriteHeader(n)
		case "/hints":
			w.WriteHeader(103)
			w.WriteHeader(103)
			_, _ = io.WriteString(w, "ok")
		case "/big":
			_, _ = io.WriteString(w, big)
		default:
			echoHTTP(w, r)
		}
	})
	c := client(t, addr, clientOptions())
	trailers := new(stream.Headers)
	trailers.AddString("x-sum", "42")
	for _, x := range []struct {
		name, method, path, body string
		trailers                 *stream.Headers
		want                     response
	}{
		{"get", "GET", "/", "", nil, response{status: 200}},
		{"post", "POST", "/", "hello", nil, response{status: 200, body: "hello"}},
		{"large both ways", "POST", "/", big, nil, response{status: 200, body: big}},
		{"large response", "GET", "/big", "", nil, response{status: 200, body: big}},
		{"trailers", "POST", "/", "hello", trailers, response{status: 200, body: "hello", trailers: http.Header{"x-sum": {"42"}}}},
		{"head", "HEAD", "/big", "", nil, response{status: 200}},
		{"no content", "GET", "/status?204", "", nil, response{status: 204}},
		{"not modified", "GET", "/status?304", "", nil, response{status: 304}},
		{"error", "GET", "/status?503", "", nil, response{status: 503}},
		{"interim", "GET", "/hints", "", nil, response{status: 200, interims: []int{103, 103}, body: "ok"}},
	} {
		s := open(t, c)
		got := exchange(s, headOf(x.method, x.path), x.body, x.trailers)
		if got.err != nil || got.status != x.want.status || got.body != x.want.body || !reflect.DeepEqual(got.interims, x.want.interims) {
			t.Errorf("%s: %d %v, %d bytes, %v", x.name, got.status, got.interims, len(got.body), got.err)
		}
		if x.want.trailers != nil && !reflect.DeepEqual(got.trailers, x.want.trailers) {
			t.Errorf("%s: trailers %v", x.name, got.trailers)
		}
		if !s.Sent() || !s.Done() || !s.Reusable() {
			t.Errorf("%s: sent %v, done %v, reusable %v", x.name, s.Sent(), s.Done(), s.Reusable())
		}
		s.Close()
	}
}

// Streams share a connection: each gets what is its own.
func TestClientStreamsAreApart(t *testing.T) {
	c := client(t, origin(t, echoHTTP), clientOptions())
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			for j := range 4 {
				s := open(t, c)
				body := strings.Repeat(fmt.Sprint(i, " ", j, " "), 1+i*j*10)
				if got := exchange(s, headOf("POST", "/"), body, nil); got.err != nil || got.body != body {
					t.Errorf("%d: %d, %d bytes of %d, %v", i, got.status, len(got.body), len(body), got.err)
				}
				s.Close()
			}
		})
	}
	all.Wait()
}

// An upload goes on beside the response.
func TestClientUploads(t *testing.T) {
	c := client(t, origin(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		w.WriteHeader(200)
		_ = http.NewResponseController(w).Flush()
		_, _ = io.Copy(w, r.Body)
	}), clientOptions())
	s := open(t, c)
	defer s.Close()
	h := headOf("POST", "/")
	if err := s.Send(h, &http1.RequestFraming{Length: http1.Unknown}, nil, false, nil, enough); err != nil {
		t.Fatal(err)
	}
	const pieces, size = 200, 5000
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := range pieces {
			if err := s.WriteBody([]byte(strings.Repeat("x", size)), i == pieces-1, nil); err != nil {
				t.Error(err)
			}
		}
	})
	got := receive(s, h)
	writer.Wait()
	if got.err != nil || len(got.body) != pieces*size {
		t.Errorf("%d bytes, %v", len(got.body), got.err)
	}
}
