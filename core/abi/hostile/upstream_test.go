package hostile_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// upstream writes down the requests that come to it whole, and shows what the
// good filter left in them. Its responses have a body and a trailer.
type upstream struct {
	*coretest.Upstream
	held, release chan bool // of requests for /held

	mu   sync.Mutex
	seen []string
}

func newUpstream(t *testing.T) *upstream {
	u := &upstream{held: make(chan bool), release: make(chan bool)}
	u.Upstream = coretest.Serve(t, u)
	return u
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64))
	rest, err2 := io.Copy(io.Discard, r.Body) // a large one is not held
	err = errors.Join(err, err2)
	if r.URL.Path == "/held" {
		u.held <- true
		select {
		case <-u.release:
		case <-r.Context().Done():
		}
	}
	h := w.Header()
	h.Set("Connection", "close") // nothing stays behind
	h.Set("Trailer", "X-End")
	h.Set("X-Saw-Good", r.Header.Get("X-Good"))
	if r.URL.Path != "/held" && r.URL.Path != "/good" && err == nil {
		u.mu.Lock()
		u.seen = append(u.seen, u.request(r, body, rest))
		u.mu.Unlock()
	}
	_, _ = io.WriteString(w, "fine")
	h.Set("X-End", "yes") // all goes out in one piece, so that no filter finds the head sent
}

// take is what was seen since it was last asked.
func (u *upstream) take() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	seen := u.seen
	u.seen = nil
	return seen
}

// request is a request in writing.
func (u *upstream) request(r *http.Request, body []byte, rest int64) string {
	r.Header.Del("Traceparent")
	r.Header.Del("X-Request-Id")
	r.Header.Del("X-Forwarded-Host")
	text := fmt.Sprintf("%s %s to %s\n%s", r.Method, r.RequestURI, strings.Replace(r.Host, u.Addr, "the endpoint", 1), fields(r.Header))
	if len(body) > 0 {
		text += fmt.Sprintf("  body: %q and %d bytes more\n", body, rest)
	}
	return text + strings.ReplaceAll(fields(r.Trailer), "  ", "  trailer ")
}

// fields are a line each, in order.
func fields(h http.Header) string {
	var lines []string
	for name, values := range h {
		for _, v := range values {
			lines = append(lines, fmt.Sprintf("  %s: %s\n", strings.ToLower(name), short(v)))
		}
	}
	slices.Sort(lines)
	if n := len(lines); n > 20 {
		lines = append(lines[:3:3], fmt.Sprintf("  and %d fields more\n", n-3))
	}
	return strings.Join(lines, "")
}

// short is a text that is not too long to be read.
func short(s string) string {
	if len(s) > 100 {
		return fmt.Sprintf("%q and so on, %d bytes", s[:20], len(s))
	}
	return fmt.Sprintf("%q", s)
}
