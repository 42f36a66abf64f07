package filters_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// asking is a proxy whose requests are let through by a service that says, on each
// connection, what it is told to, and then hangs or hangs up.
func asking(t *testing.T, answer string, hangs bool, passed *atomic.Int64) *coretest.Running {
	service := coretest.Script(t, func(p *coretest.Peer) {
		if p.Head() == "" {
			return
		}
		p.Say(answer)
		if hangs {
			p.Ended()
		}
	})
	timeout := "1m"
	if hangs {
		timeout = "300ms"
	}
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		passed.Add(1)
		w.Header().Set("X-Seen", strings.Join(r.Header["X-User"], "|"))
	}))
	return runFile(t, coretest.Gateway(up.Addr, `filters = ["ask"]`, fmt.Sprintf(`[clusters.service]
endpoints = [%q]
[filters.ask]
use = "extauthz"
security = true
calls = ["service"]
[filters.ask.config]
cluster = "service"
url = "http://service.test/check"
timeout = %q
upstream_headers = ["x-user"]
identity = "x-user"
`, service.Addr, timeout), coretest.Wasm()))
}

// TestServicesThatAnswerNonsense let nothing through: what is no whole answer of
// 200 to 299 is none, and the client's own words for it never count.
func TestServicesThatAnswerNonsense(t *testing.T) {
	const failed = "this cannot be authorized now\n"
	const line, length = "HTTP/1.1 200 OK\r\n", "Content-Length: 2\r\n"
	endless := strings.Repeat("x", 1<<10)
	for name, c := range map[string]struct {
		answer string
		hangs  bool
		status int
		body   string
	}{
		"nothing":                  {"", false, 503, failed},
		"nothing, for ever":        {"", true, 503, failed},
		"no HTTP":                  {"220 mail.test ESMTP\r\n", false, 503, failed},
		"another protocol":         {"HTTP/2.0 200 OK\r\n" + length + "\r\nok", false, 503, failed},
		"half a line":              {"HTTP/1.1 200", true, 503, failed},
		"half a head":              {line + length, true, 503, failed},
		"a status of two digits":   {"HTTP/1.1 20 OK\r\n" + length + "\r\nok", false, 503, failed},
		"a status of four digits":  {"HTTP/1.1 2000 OK\r\n" + length + "\r\nok", false, 503, failed},
		"status 0":                 {"HTTP/1.1 000 OK\r\n" + length + "\r\nok", false, 503, failed},
		"status 999":               {"HTTP/1.1 999 OK\r\n" + length + "\r\nok", false, 503, failed},
		"a blank before it":        {" HTTP/1.1 200 OK\r\n" + length + "\r\nok", false, 503, failed},
		"100, no more":             {"HTTP/1.1 100 Continue\r\n\r\n", true, 503, failed},
		"100 for ever":             {strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 5000), true, 503, failed},
		"101":                      {"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", true, 503, failed},
		"103, then no":             {"HTTP/1.1 103 Early Hints\r\nX-User: root\r\n\r\nHTTP/1.1 403 No\r\n" + length + "\r\nno", false, 403, "no"},
		"a body cut short":         {line + "Content-Length: 10\r\nX-User: root\r\n\r\nok", false, 503, failed},
		"a body without end":       {line + "X-User: root\r\n\r\n" + endless, true, 503, failed},
		"chunks without end":       {line + "Transfer-Encoding: chunked\r\n\r\n400\r\n" + endless + "\r\n", true, 503, failed},
		"chunks that are none":     {line + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", false, 503, failed},
		"a head of 1 MiB":          {line + "X-Big: " + strings.Repeat("x", 1<<20) + "\r\n" + length + "\r\nok", false, 503, failed},
		"10,000 fields":            {line + strings.Repeat("X-Big: x\r\n", 10_000) + length + "\r\nok", false, 503, failed},
		"two lengths":              {line + length + "Content-Length: 3\r\n\r\nok", false, 503, failed},
		"a length and chunks":      {line + length + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false, 503, failed},
		"a NUL in a value":         {line + length + "X-User: a\x00b\r\n\r\nok", false, 503, failed},
		"a folded line":            {line + "X-User: a\r\n b\r\n" + length + "\r\nok", false, 503, failed},
		"a blank before the colon": {line + "X-User : root\r\n" + length + "\r\nok", false, 503, failed},
		"500":                      {"HTTP/1.1 500 No\r\nX-User: root\r\n" + length + "\r\nno", false, 503, failed},
		"599":                      {"HTTP/1.1 599 No\r\n" + length + "\r\nno", false, 503, failed},
		"a way elsewhere":          {"HTTP/1.1 307 Elsewhere\r\nLocation: http://evil.test/\r\nX-Secret: 1\r\n" + length + "\r\nno", false, 307, "no"},
		"a no that is too long":    {"HTTP/1.1 401 No\r\nContent-Length: 20000\r\n\r\n" + strings.Repeat("x", 20_000), false, 401, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var passed atomic.Int64
			p := asking(t, c.answer, c.hangs, &passed)
			r := coretest.Get(t, p.Addr("gateway"), "/", "X-User: root")
			if r.Status != c.status || r.Body != c.body {
				t.Errorf("%d %q, want %d %q", r.Status, r.Body, c.status, c.body)
			}
			if r.Header.Get("X-Secret") != "" || passed.Load() > 0 {
				t.Errorf("%d requests passed; the client was told %v", passed.Load(), r.Header)
			}
		})
	}
}

// TestOddServicesThatAllow: a yes is a yes, and only it says who the client is.
func TestOddServicesThatAllow(t *testing.T) {
	for name, c := range map[string]struct{ answer, seen string }{
		"without a body":               {"HTTP/1.1 204 No Content\r\nX-User: ann\r\n\r\n", "ann"},
		"no body, but bytes behind":    {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nX-User: ann\r\n\r\nHTTP/1.1 200 OK\r\nX-User: root\r\n\r\n", "ann"},
		"twice":                        {"HTTP/1.1 200 OK\r\nX-User: ann\r\nX-User: root\r\nContent-Length: 0\r\n\r\n", "ann"},
		"103 before":                   {"HTTP/1.1 103 Early Hints\r\nX-User: root\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
		"an empty name":                {"HTTP/1.1 200 OK\r\nX-User:\r\nContent-Length: 0\r\n\r\n", ""},
		"a name that only looks alike": {"HTTP/1.1 200 OK\r\nX_User: root\r\nContent-Length: 0\r\n\r\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var passed atomic.Int64
			p := asking(t, c.answer, false, &passed)
			for range 2 {
				r := coretest.Get(t, p.Addr("gateway"), "/", "X-User: client")
				if r.Status != 200 || r.Header.Get("X-Seen") != c.seen {
					t.Errorf("%d, seen %q, want %q", r.Status, r.Header.Get("X-Seen"), c.seen)
				}
			}
		})
	}
}
