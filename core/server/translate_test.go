package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// message is a request that both versions can say.
type message struct {
	name, method, path, authority string
	fields                        []string // name, value, name, value
	only1, only2                  []string // fields that mean the same in the one version alone
	body                          string
	unknown                       bool // the body's length is not said
	trailers                      []string
}

// asSeen is what an upstream was asked, whatever the version.
func asSeen(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	var b strings.Builder
	for _, name := range []string{"Connection", "X-Forwarded-For", "Content-Length"} {
		r.Header.Del(name)
	}
	fmt.Fprintf(&b, "%s %s %s length=%d\n", r.Method, r.RequestURI, r.Host, r.ContentLength)
	_ = r.Header.Write(&b)
	fmt.Fprintf(&b, "%q\n", body)
	_ = r.Trailer.Write(&b)
	return b.String()
}

// The same request, asked in either version, is the same upstream, in either
// version.
func TestTranslation(t *testing.T) {
	for _, m := range []message{
		{name: "plain", method: "GET", path: "/a?b=c&d", authority: "x.example"},
		{name: "port", method: "GET", path: "/", authority: "x.example:8080"},
		{name: "address", method: "GET", path: "/", authority: "[::1]:80"},
		{name: "upper case host", method: "GET", path: "/", authority: "X.Example"},
		{name: "dots", method: "GET", path: "/a/../b/./c", authority: "x"},
		{name: "escapes", method: "GET", path: "/a%20b%c3%a4?x=%00", authority: "x"},
		{name: "own method", method: "PURGE", path: "/", authority: "x"},
		{name: "head", method: "HEAD", path: "/", authority: "x"},
		{name: "post", method: "POST", path: "/", authority: "x", body: "hello"},
		{name: "post without a length", method: "POST", path: "/", authority: "x", body: "hello", unknown: true},
		{name: "empty post", method: "POST", path: "/", authority: "x"},
		{name: "empty body without a length", method: "PUT", path: "/", authority: "x", unknown: true},
		{name: "delete with a body", method: "DELETE", path: "/", authority: "x", body: "hello"},
		{name: "large", method: "POST", path: "/", authority: "x", body: strings.Repeat("0123456789", 6_000)},
		{name: "trailers", method: "POST", path: "/", authority: "x", body: "hello", unknown: true,
			fields: []string{"trailer", "x-sum"}, trailers: []string{"x-sum", "42"}},
		{name: "fields", method: "GET", path: "/", authority: "x", fields: []string{"x-a", "1", "x-b", "", "x-a", "2, 3", "accept", "*/*", "x-obs", "\xff\xe4"}},
		{name: "cookie", method: "GET", path: "/", authority: "x", only1: []string{"cookie", "a=1; b=2; c=3"}, only2: []string{"cookie", "a=1", "cookie", "b=2", "cookie", "c=3"}},
		{name: "te", method: "GET", path: "/", authority: "x", only1: []string{"te", "trailers", "connection", "te"}, only2: []string{"te", "trailers"}},
		{name: "hop by hop", method: "GET", path: "/", authority: "x", only1: []string{"connection", "x-hop, keep-alive", "x-hop", "1", "keep-alive", "5", "proxy-connection", "close"}},
		{name: "proxy authorization", method: "GET", path: "/", authority: "x", fields: []string{"proxy-authorization", "Basic eDp5"}},
		{name: "claims of a client", method: "GET", path: "/", authority: "x", fields: []string{"x-forwarded-proto", "https", "x-real-ip", "1.2.3.4", "forwarded", "for=1.2.3.4"}},
		{name: "host beside the authority", method: "GET", path: "/", authority: "x", only2: []string{"host", "x"}},
		{name: "scheme in the field", method: "GET", path: "/", authority: "x", fields: []string{"x-forwarded-host", "evil"}},
	} {
		t.Run(m.name, func(t *testing.T) {
			want := ""
			for _, up := range []string{"http1", "http2"} {
				asked := make(chan string, 1)
				p := translator(t, up, asked)
				for version, send := range []func(*testing.T, string, *message) int{send1, send2} {
					if status := send(t, p.Addr("gateway"), &m); status != 200 {
						t.Fatalf("HTTP/%d to %s: status %d", version+1, up, status)
					}
					got := <-asked
					if want == "" {
						want = got
					}
					if got != want {
						t.Errorf("HTTP/%d to %s: the upstream got\n%.1000swant\n%.1000s", version+1, up, got, want)
					}
				}
			}
		})
	}
}

// translator is a gateway before an upstream of a protocol, which tells what it
// was asked.
func translator(t *testing.T, protocol string, asked chan string) *coretest.Running {
	t.Helper()
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- asSeen(r) })
	up := coretest.Serve
	if protocol == "http2" {
		up = coretest.ServeHTTP2
	}
	return coretest.Proxy(t, coretest.Gateway(up(t, h).Addr)+fmt.Sprintf("protocol = %q\n", protocol))
}

// What two parsers could read differently is refused in either version, and
// reaches no upstream.
func TestTranslationRefuses(t *testing.T) {
	asked := make(chan string, 100)
	p := translator(t, "http1", asked)
	for _, m := range []message{
		{name: "lengths that differ", body: "hello", unknown: true, fields: []string{"content-length", "5", "content-length", "6"}},
		{name: "lengths that are equal", body: "hello", unknown: true, fields: []string{"content-length", "5", "content-length", "5"}},
		{name: "list of lengths", fields: []string{"content-length", "0, 0"}},
		{name: "signed length", fields: []string{"content-length", "+0"}},
		{name: "length in hex", fields: []string{"content-length", "0x0"}},
		{name: "huge length", fields: []string{"content-length", "99999999999999999999"}},
		{name: "length beside transfer-encoding", unknown: true, body: "hello", fields: []string{"content-length", "5", "transfer-encoding", "chunked"}},
		{name: "identity", fields: []string{"transfer-encoding", "identity"}},
		{name: "coding under another name", fields: []string{"transfer-encoding", "xchunked"}},
		{name: "blank in a name", fields: []string{"x y", "1"}},
		{name: "blank behind a name", fields: []string{"content-length ", "0"}},
		{name: "empty name", fields: []string{"", "1"}},
		{name: "nul in a value", fields: []string{"x", "a\x00b"}},
		{name: "carriage return in a value", fields: []string{"x", "a\rb"}},
		{name: "delete in a value", fields: []string{"x", "a\x7fb"}},
		{name: "host that differs", only1: []string{"host", "y"}, only2: []string{"host", "y"}},
		{name: "user in the authority", authority: "a@b"},
		{name: "path in the authority", authority: "a/b"},
		{name: "blank in the authority", authority: "a b"},
		{name: "path that is none", path: "x"},
		{name: "fragment", path: "/#a"},
		{name: "blank in the path", path: "/a b"},
		{name: "nul in the path", path: "/a\x00"},
		{name: "method that is none", method: "G@T"},
		{name: "connect", method: "CONNECT", path: "x:443"},
	} {
		m.method, m.path, m.authority = or(m.method, "GET"), or(m.path, "/"), or(m.authority, "x")
		for version, send := range []func(*testing.T, string, *message) int{send1, send2} {
			if status := send(t, p.Addr("gateway"), &m); status != 400 && status != reset {
				t.Errorf("%s in HTTP/%d: status %d", m.name, version+1, status)
			}
		}
		if len(asked) > 0 {
			t.Errorf("%s reached the upstream:\n%s", m.name, <-asked)
		}
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
