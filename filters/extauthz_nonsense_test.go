package filters_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// odd is what a service says on each connection, and what it does then.
type odd struct {
	answer string
	then   then
}

type then uint8

const (
	hangsUp then = iota
	hangs
	goesOn // with the same for the next request
)

// asking is a proxy with a path for each odd service, below which only it lets requests
// through. Those are counted.
func asking(t *testing.T, all []odd, passed *atomic.Int64) *coretest.Running {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		passed.Add(1)
		w.Header().Set("X-Seen", strings.Join(r.Header["X-User"], "|"))
	}))
	var b strings.Builder
	for i, o := range all {
		service := coretest.Script(t, func(p *coretest.Peer) {
			for p.Head() != "" {
				p.Say(o.answer)
				switch o.then {
				case hangsUp:
					return
				case hangs:
					p.Ended()
				}
			}
		})
		timeout := "1m"
		if o.then == hangs {
			timeout = "300ms"
		}
		fmt.Fprintf(&b, `[clusters.s%d]
endpoints = [%q]
[[routes]]
match = { path_prefix = "/%[1]d" }
filters = ["ask%[1]d"]
cluster = "up"
[filters.ask%[1]d]
use = "extauthz"
calls = ["s%[1]d"]
[filters.ask%[1]d.config]
cluster = "s%[1]d"
url = "http://service.test/check"
timeout = %[3]q
upstream_headers = ["x-user"]
identity = "x-user"
`, i, service.Addr, timeout)
	}
	return runFile(t, coretest.Gateway(up.Addr, b.String()+coretest.Wasm()))
}

// TestServicesThatAnswerNonsense let nothing through: what is no whole answer of
// 200 to 299 is none, and the client's own words for it never count.
func TestServicesThatAnswerNonsense(t *testing.T) {
	const failed = "this cannot be authorized now\n"
	const line, length = "HTTP/1.1 200 OK\r\n", "Content-Length: 2\r\n"
	endless := strings.Repeat("x", 1<<10)
	cases := []struct {
		name string
		odd
		status int
		body   string
	}{
		{"nothing", odd{"", hangsUp}, 503, failed},
		{"nothing, for ever", odd{"", hangs}, 503, failed},
		{"no HTTP", odd{"220 mail.test ESMTP\r\n", hangsUp}, 503, failed},
		{"another protocol", odd{"HTTP/2.0 200 OK\r\n" + length + "\r\nok", hangsUp}, 503, failed},
		{"half a line", odd{"HTTP/1.1 200", hangs}, 503, failed},
		{"half a head", odd{line + length, hangs}, 503, failed},
		{"a status of two digits", odd{"HTTP/1.1 20 OK\r\n" + length + "\r\nok", hangsUp}, 503, failed},
		{"a status of four digits", odd{"HTTP/1.1 2000 OK\r\n" + length + "\r\nok", hangsUp}, 503, failed},
		{"status 0", odd{"HTTP/1.1 000 OK\r\n" + length + "\r\nok", hangsUp}, 503, failed},
		{"status 999", odd{"HTTP/1.1 999 OK\r\n" + length + "\r\nok", hangsUp}, 503, failed},
		{"a blank before it", odd{" HTTP/1.1 200 OK\r\n" + length + "\r\nok", hangsUp}, 503, failed},
		{"100, no more", odd{"HTTP/1.1 100 Continue\r\n\r\n", hangs}, 503, failed},
		{"100 for ever", odd{strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 5000), hangs}, 503, failed},
		{"101", odd{"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", hangs}, 503, failed},
		{"103, then no", odd{"HTTP/1.1 103 Early Hints\r\nX-User: root\r\n\r\nHTTP/1.1 403 No\r\n" + length + "\r\nno", hangsUp}, 403, "no"},
		{"a body cut short", odd{line + "Content-Length: 10\r\nX-User: root\r\n\r\nok", hangsUp}, 503, failed},
		{"a body without end", odd{line + "X-User: root\r\n\r\n" + endless, hangs}, 503, failed},
		{"chunks without end", odd{line + "Transfer-Encoding: chunked\r\n\r\n400\r\n" + endless + "\r\n", hangs}, 503, failed},
		{"chunks that are none", odd{line + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", hangsUp}, 503, failed},
		{"a head of 1 MiB", odd{line + "X-Big: " + strings.Repeat("x", 1<<20) + "\r\n" + length + "\r\nok", hangsUp}, 503, failed},
		{"10,000 fields", odd{line + strings.Repeat("X-Big: x\r\n", 10_000) + length + "\r\nok", hangsUp}, 503, failed},
		{"two lengths", odd{line + length + "Content-Length: 3\r\n\r\nok", hangsUp}, 503, failed},
		{"a length and chunks", odd{line + length + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", hangsUp}, 503, failed},
		{"a NUL in a value", odd{line + length + "X-User: a\x00b\r\n\r\nok", hangsUp}, 503, failed},
		{"a folded line", odd{line + "X-User: a\r\n b\r\n" + length + "\r\nok", hangsUp}, 503, failed},
		{"a blank before the colon", odd{line + "X-User : root\r\n" + length + "\r\nok", hangsUp}, 503, failed},
		{"500", odd{"HTTP/1.1 500 No\r\nX-User: root\r\n" + length + "\r\nno", hangsUp}, 503, failed},
		{"599", odd{"HTTP/1.1 599 No\r\n" + length + "\r\nno", hangsUp}, 503, failed},
		{"a way elsewhere", odd{"HTTP/1.1 307 Elsewhere\r\nLocation: http://evil.test/\r\nX-Secret: 1\r\n" + length + "\r\nno", hangsUp}, 307, "no"},
		{"a no that is too long", odd{"HTTP/1.1 401 No\r\nContent-Length: 20000\r\n\r\n" + strings.Repeat("x", 20_000), hangsUp}, 401, ""},
	}
	var all []odd
	for _, c := range cases {
		all = append(all, c.odd)
	}
	var passed atomic.Int64
	p := asking(t, all, &passed)
	for i, c := range cases {
		before := passed.Load()
		r := coretest.Get(t, p.Addr("gateway"), "/"+strconv.Itoa(i), "X-User: root")
		if r.Status != c.status || r.Body != c.body {
			t.Errorf("%s: %d %q, want %d %q", c.name, r.Status, r.Body, c.status, c.body)
		}
		if n := passed.Load() - before; r.Header.Get("X-Secret") != "" || n > 0 {
			t.Errorf("%s: %d requests passed; the client was told %v", c.name, n, r.Header)
		}
	}
}

// TestOddServicesThatAllow: a yes is a yes, and only it says who the client is.
func TestOddServicesThatAllow(t *testing.T) {
	cases := []struct{ name, answer, seen string }{
		{"without a body", "HTTP/1.1 204 No Content\r\nX-User: ann\r\n\r\n", "ann"},
		{"no body, but bytes behind", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nX-User: ann\r\n\r\nHTTP/1.1 200 OK\r\nX-User: root\r\n\r\n", "ann"},
		{"twice", "HTTP/1.1 200 OK\r\nX-User: ann\r\nX-User: root\r\nContent-Length: 0\r\n\r\n", "ann"},
		{"103 before", "HTTP/1.1 103 Early Hints\r\nX-User: root\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
		{"an empty name", "HTTP/1.1 200 OK\r\nX-User:\r\nContent-Length: 0\r\n\r\n", ""},
		{"a name that only looks alike", "HTTP/1.1 200 OK\r\nX_User: root\r\nContent-Length: 0\r\n\r\n", ""},
	}
	var all []odd
	for _, c := range cases {
		all = append(all, odd{c.answer, goesOn})
	}
	var passed atomic.Int64
	p := asking(t, all, &passed)
	for i, c := range cases {
		for range 2 {
			r := coretest.Get(t, p.Addr("gateway"), "/"+strconv.Itoa(i), "X-User: client")
			if r.Status != 200 || r.Header.Get("X-Seen") != c.seen {
				t.Errorf("%s: %d, seen %q, want %q", c.name, r.Status, r.Header.Get("X-Seen"), c.seen)
			}
		}
	}
}
