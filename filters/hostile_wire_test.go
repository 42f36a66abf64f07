package filters_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// wired runs a proxy that asks for an API key everywhere but below /open, and says
// what its upstream saw last.
func wired(t *testing.T) (p *coretest.Running, seen func() string) {
	var mu sync.Mutex
	last := ""
	up := coretest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		last = r.Method + " " + r.RequestURI
	}))
	p = runFile(t, coretest.Gateway(up.Addr, `filters = [{ name = "keys", unless = { path_prefix = "/open" } }]`, `[filters.keys]
use = "apikey"
security = true
config = { keys = [{ name = "ann", sha256 = "4aebd70d3e9413c91f66417e4fea3d65096e0723b1d5b84093132287a974a2bd" }] }
`+coretest.Wasm()))
	return p, func() string {
		mu.Lock()
		defer mu.Unlock()
		defer func() { last = "" }()
		return last
	}
}

// TestHostileRequestsOverTheWire: what is written so that a guard is not asked, or
// asks about something else, is refused, or guarded as what it is.
func TestHostileRequestsOverTheWire(t *testing.T) {
	p, seen := wired(t)
	const key = "X-Api-Key: ann-0123456789abcdef\r\n"
	for _, c := range []struct {
		line, fields string
		status       int
		seen         string
	}{
		{"GET /secret", "", 401, ""},
		{"GET /secret", key, 200, "GET /secret"},
		{"GET /open", "", 200, "GET /open"},
		{"GET /open/a", "", 200, "GET /open/a"},
		// paths
		{"GET /open/../secret", "", 401, ""},
		{"GET /open/%2e%2e/secret", "", 401, ""},
		{"GET /open/.%2E/secret", "", 401, ""},
		{"GET /open/..%2fsecret", "", 400, ""},
		{"GET /open/..%5csecret", "", 400, ""},
		{"GET /open/..\\secret", "", 400, ""},
		{"GET /open/%c0%ae%c0%ae/secret", "", 400, ""},
		{"GET /open/%252e%252e/secret", "", 401, ""}, // who decodes twice reads /secret
		{"GET /open/..;/secret", "", 401, ""},        // and so does who cuts parameters off
		{"GET /open/..;/secret", key, 200, "GET /open/..;/secret"},
		{"GET /open%00", "", 400, ""},
		{"GET /open%0d%0a", "", 400, ""},
		{"GET /open%", "", 400, ""},
		{"GET /open#/secret", "", 400, ""},
		{"GET /../open", "", 400, ""},
		{"GET //open", "", 200, "GET /open"},
		{"GET /%6Fpen", "", 200, "GET /open"},
		{"GET /./open/.", "", 200, "GET /open/"},
		{"GET /OPEN", "", 401, ""},
		{"GET /openly", "", 401, ""},
		{"GET /open%20", "", 401, ""},
		{"GET /open.", "", 401, ""},
		{"GET /open;x=y", "", 401, ""},
		{"GET /;/open", "", 401, ""},
		{"GET /?/open", "", 401, ""},
		{"GET /secret?path=/open", "", 401, ""},
		{"GET open", "", 400, ""},
		{"GET http://a/open/../secret", "", 401, ""},
		{"GET http://a/open", "", 200, "GET /open"},
		{"GET http://b/open", "", 400, ""},
		{"GET http://u@a/open", "", 400, ""},
		{"GET file:///open", "", 400, ""},
		// methods
		{"OPTIONS /secret", "Origin: http://a\r\nAccess-Control-Request-Method: GET\r\n", 401, ""},
		{"HEAD /secret", "", 401, ""},
		{"PROPFIND /secret", "", 401, ""},
		{"get /secret", "", 401, ""},
		{"GET /secret", "X-HTTP-Method-Override: OPTIONS\r\nX-Original-URL: /open\r\nX-Rewrite-URL: /open\r\n", 401, ""},
		{"CONNECT open:80", "", 400, ""},
		{"G\x00T /open", "", 400, ""},
		// fields
		{"GET /secret", "x-API-key: ann-0123456789abcdef\r\n", 200, "GET /secret"},
		{"GET /secret", "X_Api_Key: ann-0123456789abcdef\r\n", 401, ""},
		{"GET /secret", "X-Api-Key : ann-0123456789abcdef\r\n", 400, ""},
		{"GET /secret", "X-Api-Key:\r\n ann-0123456789abcdef\r\n", 400, ""},
		{"GET /secret", "X-Api-Key: ann-0123456789abcdef\x00\r\n", 400, ""},
		{"GET /secret", "A: b\rX-Api-Key: ann-0123456789abcdef\r\n", 400, ""},
		{"GET /secret", "Connection: x-api-key\r\n" + key, 401, ""}, // it is for the next hop, which we are
		{"GET /secret", "X-Api-Key:\r\n" + key, 401, ""},
		{"GET /secret", "X-Api-Key: " + strings.Repeat("a", 600) + "\r\n", 401, ""},
		{"GET /secret", "X-Api-Key: " + strings.Repeat("a", 64<<10) + "\r\n", 431, ""},
		{"GET /secret", "Cookie: " + strings.Repeat("a=b; ", 1000) + "x-api-key=ann-0123456789abcdef\r\n", 401, ""},
		{"GET /secret", "Host: open\r\n", 400, ""},
		{"GET /secret", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nConnection: upgrade, http2-settings\r\n", 401, ""},
		{"POST /secret", "Content-Length: 5\r\nExpect: 100-continue\r\n", 401, ""},
		{"POST /secret", "Transfer-Encoding: chunked\r\n", 401, ""}, // the body never comes
		{"POST /secret", "Content-Length: 1000000\r\n", 401, ""},
		{"POST /secret", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400, ""},
	} {
		conn := coretest.Dial(t, p.Addr("gateway"))
		conn.Send(c.line + " HTTP/1.1\r\nHost: a\r\n" + c.fields + "\r\n")
		method, _, _ := strings.Cut(c.line, " ")
		r, err := conn.TryRead(method)
		if got := seen(); err != nil || r.Status != c.status || got != c.seen {
			t.Errorf("%q %.60q: %d %v, the upstream saw %q; want %d, %q", c.line, c.fields, r.Status, err, got, c.status, c.seen)
		}
	}
}

// TestBodiesOfRefusedRequests: an upload that is refused does not go on for ever, and
// what is left of it is never read as a request.
func TestBodiesOfRefusedRequests(t *testing.T) {
	p, seen := wired(t)
	for name, body := range map[string]string{
		"one byte a chunk": "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", 5000) + "0\r\n\r\n",
		"hidden in chunks": "Transfer-Encoding: chunked\r\n\r\n1b\r\nGET /open/1 HTTP/1.1\r\nHost: a\r\n",
		"hidden in length": "Content-Length: 1000\r\n\r\nGET /open/2 HTTP/1.1\r\nHost: a\r\n\r\n",
	} {
		conn := coretest.Dial(t, p.Addr("gateway"))
		_, _ = conn.Write([]byte("POST /secret HTTP/1.1\r\nHost: a\r\n" + body)) // it may be cut short
		if r, err := conn.TryRead("POST"); err != nil || r.Status != 401 {
			t.Errorf("%s: %+v %v", name, r, err)
		}
		conn.HalfClose()
		if r, err := conn.TryRead("GET"); err == nil || seen() != "" {
			t.Errorf("%s: a second answer came: %+v", name, r)
		}
	}
}
