package server_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// upstream is a service that keeps what it was sent, and answers "fine".
type upstream struct {
	*coretest.Upstream
	mu   sync.Mutex
	seen []received
}

// received is a request as the upstream saw it.
type received struct {
	method, path, body string
	length             int64 // -1: in pieces
	header, trailer    http.Header
	err                error
}

func newUpstream(t *testing.T) *upstream {
	u := &upstream{}
	u.Upstream = coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		u.mu.Lock()
		u.seen = append(u.seen, received{r.Method, r.URL.RequestURI(), string(body), r.ContentLength, r.Header.Clone(), r.Trailer.Clone(), err})
		u.mu.Unlock()
		fmt.Fprint(w, "fine")
	}))
	return u
}

// requests are those it has got so far.
func (u *upstream) requests() []received {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.seen)
}

// last is the latest request.
func (u *upstream) last(t *testing.T) received {
	t.Helper()
	all := u.requests()
	if len(all) == 0 {
		t.Fatal("the upstream got no request")
	}
	return all[len(all)-1]
}

// clusters are the tables of further clusters: name and address in turn.
func clusters(nameAndAddr ...string) string {
	var b strings.Builder
	for i := 0; i < len(nameAndAddr); i += 2 {
		fmt.Fprintf(&b, "[clusters.%s]\nendpoints = [%q]\n", nameAndAddr[i], nameAndAddr[i+1])
	}
	return b.String()
}

// chained is the key of a route's filters.
func chained(names ...string) string {
	for i := range names {
		names[i] = strconv.Quote(names[i])
	}
	return "filters = [" + strings.Join(names, ", ") + "]"
}

// post sends a body with a content-length on a connection of its own.
func post(t *testing.T, addr, path, body string, fields ...string) coretest.Response {
	t.Helper()
	c := coretest.Dial(t, addr)
	head := "POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	c.Send(head + "\r\n" + body)
	return c.Read("POST")
}

// inChunks is a body in chunks of a size, with trailers.
func inChunks(body string, size int, trailers ...string) string {
	var b strings.Builder
	for len(body) > 0 {
		n := min(size, len(body))
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	b.WriteString("0\r\n")
	for _, f := range trailers {
		b.WriteString(f + "\r\n")
	}
	return b.String() + "\r\n"
}

// until holds a handler back until the test says so, or its client has gone.
func until(r *http.Request, goOn <-chan bool) {
	select {
	case <-goOn:
	case <-r.Context().Done():
	}
}
