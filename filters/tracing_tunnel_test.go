package filters_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
)

const handshake = "GET /socket?token=1 HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

// TestATunnelIsOneSpan, which ends with it: over two proxies, with a hop of HTTP/2
// between them (RFC 8441), and all in one trace.
func TestATunnelIsOneSpan(t *testing.T) {
	told := make(chan string, 1)
	up := coretest.Script(t, func(c *coretest.Peer) {
		told <- c.Head()
		c.Say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nwelcome")
		c.Say(c.Body(5))
		c.Ended()
	})
	r := otlptest.Listen(t)
	behind := runFile(t, strings.ReplaceAll(tracedFile(r, []string{up.Addr}, `parent = "all", query = true`, nil), "orders", "behind"))
	p := traced(t, r, []string{behind.Addr("gateway")}, "", nil, `protocol = "http2"`)
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send(handshake)
	if got := c.Read("GET"); got.Status != 101 {
		t.Fatalf("answered %d", got.Status)
	}
	c.Send("hello")
	for _, want := range []byte("welcomehello") {
		if got, err := c.R.ReadByte(); err != nil || got != want {
			t.Fatalf("%q, %v, want %q", got, err, want)
		}
	}
	if n := len(r.Spans()); n > 0 {
		t.Errorf("%d spans while the tunnel is open:\n%s", n, otlptest.Tree(r.Spans()))
	}
	_ = c.Close()
	spans := awaitTree(t, r, "GET orders\n  GET up\n    GET behind\n      GET up\n")
	first, last := spans["GET orders"], spans["GET behind"]
	has(t, first, map[string]any{"http.response.status_code": int64(101), "http.request.body.size": int64(5), "http.response.body.size": int64(12),
		"network.protocol.version": "1.1", "url.query": nil, "error.type": nil})
	has(t, last, map[string]any{"network.protocol.version": "2", "http.request.body.size": int64(5), "http.response.body.size": int64(12),
		"url.path": "/socket", "url.query": "token=1", "error.type": nil})
	if head := <-told; !strings.Contains(head, "\r\ntraceparent: 00-"+first.Trace()+"-") {
		t.Errorf("the service is told %q, the trace is %s", head, first.Trace())
	}
}

// TestATunnelThatIsRefused is a request like any other.
func TestATunnelThatIsRefused(t *testing.T) {
	up := coretest.Script(t, func(c *coretest.Peer) {
		c.Head()
		c.Say("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
		c.Ended()
	})
	r := otlptest.Listen(t)
	p := traced(t, r, []string{up.Addr}, "", nil)
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send(handshake)
	if got := c.Read("GET"); got.Status != 403 {
		t.Fatalf("answered %d", got.Status)
	}
	spans := awaitTree(t, r, "GET orders\n  GET up\n")
	has(t, spans["GET up"], map[string]any{"http.response.status_code": int64(403), "error.type": "403"})
	has(t, spans["GET orders"], map[string]any{"http.response.status_code": int64(403), "error.type": nil})
}
