package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

func TestRequestLimits(t *testing.T) {
	up := coretest.Serve(t, echo)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, `max_body = "10B"`,
		"[limits]\nhead_bytes = \"2KiB\"\nhead_count = 10\nrequest_line = \"256B\""))
	tests := []struct {
		name, request string
		status        int
	}{
		{"long target", "GET /" + strings.Repeat("a", 300) + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
		{"large head", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("a", 3000) + "\r\n\r\n", 431},
		{"many fields", "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("A: b\r\n", 11) + "\r\n", 431},
		{"large body declared", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n", 413},
		{"large body chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n", 413},
		{"body at the limit", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1234567890", 200},
		{"version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
		{"expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: the unexpected\r\n\r\n", 417},
		{"malformed", "GET /\r\nHost: a\r\n\r\n", 400},
		{"dots above the root", "GET /../etc HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := coretest.Dial(t, p.Addr("gateway"))
			c.Send(tt.request)
			r := c.Read("GET")
			if r.Status != tt.status {
				t.Fatalf("%d, want %d", r.Status, tt.status)
			}
			if tt.status != 200 && tt.name != "dots above the root" && !c.Closed() {
				t.Error("the connection stayed")
			}
		})
	}
}

func TestSlowClients(t *testing.T) {
	up := coretest.Serve(t, echo)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr,
		"[timeouts]\nhead = \"100ms\"\nbody_idle = \"100ms\"\nkeep_alive = \"100ms\""))
	t.Run("head", func(t *testing.T) {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("GET / HTTP/1.1\r\nHo")
		if r := c.Read("GET"); r.Status != 408 {
			t.Errorf("%d, want 408", r.Status)
		}
	})
	t.Run("body", func(t *testing.T) {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
		if r := c.Read("POST"); r.Status != 408 {
			t.Errorf("%d, want 408", r.Status)
		}
	})
	t.Run("idle", func(t *testing.T) {
		c := coretest.Dial(t, p.Addr("gateway"))
		if !c.Closed() {
			t.Error("an idle connection was answered something")
		}
	})
}

// TestSlowReader is a client that does not read its answer.
func TestSlowReader(t *testing.T) {
	ended := make(chan bool)
	up := coretest.Script(t, func(p *coretest.Peer) {
		defer close(ended)
		p.Head()
		p.Say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		piece := fmt.Sprintf("%x\r\n%s\r\n", 1<<16, strings.Repeat("x", 1<<16))
		for {
			if _, err := io.WriteString(p, piece); err != nil {
				return
			}
		}
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "[timeouts]\nwrite_idle = \"200ms\""))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	<-ended
}

func TestOverload(t *testing.T) {
	release := make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "[limits]\nin_flight = 1\nqueue = 1\nqueue_wait = \"5m\""))
	send := func() *coretest.Client {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		return c
	}
	state := func(want string) {
		coretest.Eventually(t, want, func() bool { return strings.Contains(p.Admin("GET", "/listeners").Body, want) })
	}
	first := send()
	state(`"streams": 1`)
	second := send()
	state(`"queued": 1`)
	if r := send().Read("GET"); r.Status != 503 {
		t.Errorf("the third of one place and one waiting got %d, want 503", r.Status)
	}
	close(release)
	for _, c := range []*coretest.Client{first, second} {
		if r := c.Read("GET"); r.Status != 200 {
			t.Errorf("%d, want 200", r.Status)
		}
	}
	state(`"streams": 0`)
}

func TestConnectionLimitEvictsTheIdle(t *testing.T) {
	up := coretest.Serve(t, echo)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "[limits]\nconnections = 1"))
	idle := coretest.Dial(t, p.Addr("gateway"))
	idle.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	idle.Read("GET")
	coretest.Eventually(t, "it is idle", func() bool { return strings.Contains(p.Admin("GET", "/listeners").Body, `"streams": 0`) })
	if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 200 {
		t.Errorf("%d", r.Status)
	}
	if !idle.Closed() {
		t.Error("the idle connection kept its place")
	}
}

// TestForwarded is what the upstream is told of the client.
func TestForwarded(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via", "X-Request-Id", "X-Weir-Reason", "Connection", "Keep-Alive", "X-Hop"} {
			if v := r.Header[name]; v != nil {
				fmt.Fprintf(w, "%s=%s\n", name, strings.Join(v, "|"))
			}
		}
	}))
	claims := []string{"X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil", "X-Real-IP: 1.2.3.4",
		"Forwarded: for=1.2.3.4", "X-Request-ID: mine", "X-Weir-Reason: x", "Connection: x-hop, keep-alive", "Keep-Alive: 1", "X-Hop: 1"}
	tests := []struct{ name, trust, want string }{
		{"nobody is trusted", "", "X-Forwarded-For=127.0.0.1\nX-Forwarded-Proto=http\n"},
		{"the peer is trusted", "proxies = [\"127.0.0.0/8\"]",
			"X-Forwarded-For=1.2.3.4, 127.0.0.1\nX-Forwarded-Proto=https\nX-Forwarded-Host=evil\nX-Real-Ip=1.2.3.4\nForwarded=for=1.2.3.4\nX-Request-Id=mine\nX-Weir-Reason=x\n"},
		{"all is said", "via = \"weir\"\nforwarded = true\nrequest_id = true",
			"X-Forwarded-For=127.0.0.1\nX-Forwarded-Proto=http\nForwarded=for=127.0.0.1;host=\"test\";proto=http\nVia=1.1 weir\nX-Request-Id=mine\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := coretest.Proxy(t, coretest.Gateway(up.Addr, "[trust]\n"+tt.trust))
			if r := coretest.Get(t, p.Addr("gateway"), "/", claims...); r.Body != tt.want {
				t.Errorf("got\n%swant\n%s", r.Body, tt.want)
			}
		})
	}
}

func TestPathIsOneForAll(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.RequestURI) }))
	p := coretest.Proxy(t, strings.Replace(coretest.Gateway(up.Addr), `path_prefix = "/"`, `path_prefix = "/public"`, 1))
	for target, want := range map[string]string{
		"/public/a":               "/public/a",
		"/public//a/./b/../c?x=/": "/public/a/c?x=/",
		"//public/%61":            "/public/a",
	} {
		if r := coretest.Get(t, p.Addr("gateway"), target); r.Body != want {
			t.Errorf("%s: the upstream saw %q, want %q", target, r.Body, want)
		}
	}
	for target, want := range map[string]int{"/public/../private": 404, "/publicity": 404, "/public/%2e%2e/private": 404, "/public%2fa": 400, "/public\\..\\private": 400} {
		if r := coretest.Get(t, p.Addr("gateway"), target); r.Status != want {
			t.Errorf("%s: %d, want %d", target, r.Status, want)
		}
	}
}
