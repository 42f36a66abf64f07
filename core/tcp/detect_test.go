package tcp_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// sidecar is a proxy beside an app of HTTP, whose other protocols go to raw.
func sidecar(t *testing.T, raw string, timeouts string) *coretest.Running {
	app := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("http")) }))
	return coretest.ProxyWith(t, fmt.Sprintf(`role = "sidecar"
[sidecar]
app = %q
inbound = "127.0.0.1:0"
outbound = ""
inbound_tcp = "raw"
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
drain = "2s"
%s
[[routes]]
on = ["inbound"]
[[tcp]]
name = "raw"
on = ["inbound"]
cluster = "raw"
[clusters.raw]
endpoints = [%q]
`, app.Addr, timeouts, raw), coretest.Options{})
}

// TestDetects: each protocol reaches what speaks it.
func TestDetects(t *testing.T) {
	p := sidecar(t, coretest.Script(t, func(c *coretest.Peer) { c.Say("raw:" + c.Body(1)); c.Ended() }).Addr, `detect = "30s"`)
	for _, piece := range []int{100, 1} {
		c := coretest.Dial(t, p.Addr("inbound"))
		for range 2 { // and stays
			text := "GET / HTTP/1.1\r\nhost: a\r\n\r\n"
			for len(text) > 0 {
				n := min(piece, len(text))
				c.Send(text[:n])
				text = text[n:]
			}
			if got := c.Read("GET"); got.Status != 200 || got.Body != "http" {
				t.Errorf("%+v", got)
			}
		}
	}
	for _, text := range []string{"PING\r\n", "*1\r\n$4\r\nPING\r\n", "\x00\x01", clientHello(t, "a.example"), "SSH-2.0-x\r\n"} {
		c := coretest.Dial(t, p.Addr("inbound"))
		c.Send(text)
		exact(t, c.R, "raw:"+text[:1])
	}
}

// TestDetectsServerFirst: a client that is silent is one whose server speaks first.
func TestDetectsServerFirst(t *testing.T) {
	p := sidecar(t, coretest.Script(t, func(c *coretest.Peer) { c.Say("220 mail\r\n"); echo(c) }).Addr, `detect = "50ms"`)
	c := coretest.Dial(t, p.Addr("inbound"))
	exact(t, c.R, "220 mail\r\n")
	c.Send("EHLO\r\n")
	exact(t, c.R, "EHLO\r\n")
}

// TestSlowRequestIsNoOther: who begins a request and waits does not get past the
// filters.
func TestSlowRequestIsNoOther(t *testing.T) {
	for _, text := range []string{"G", "GET ", "PRI * HTTP", "\x16\x03"} {
		coretest.Unhurried(t, 10*time.Millisecond, func(silence time.Duration) error { // that is another protocol's
			up := coretest.Script(t, saying("raw"))
			p := sidecar(t, up.Addr, fmt.Sprintf("detect = %q\nhead = %q", silence, silence+100*time.Millisecond))
			c := coretest.Dial(t, p.Addr("inbound"))
			c.Send(text)
			if !c.Closed() || up.Connections() != 0 {
				return fmt.Errorf("%q was taken for another protocol", text)
			}
			return nil
		})
	}
}
