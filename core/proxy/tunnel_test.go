package proxy_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// TestTunnelIsIdleBothWays: bytes in one direction keep the other open.
func TestTunnelIsIdleBothWays(t *testing.T) {
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		p.Say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
		for p.Body(1) == "x" {
		}
		p.Say("end")
	})
	coretest.Unhurried(t, 100*time.Millisecond, func(bound time.Duration) error {
		p := coretest.Proxy(t, coretest.Gateway(up.Addr, fmt.Sprintf("[timeouts]\ntunnel = %q", bound)))
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
		if r := c.Read("GET"); r.Status != 101 {
			t.Fatalf("%+v", r)
		}
		began, cut := time.Now(), false
		coretest.Eventually(t, "it was busy one way for longer than the bound", func() bool {
			_, err := c.Write([]byte("x"))
			cut = err != nil
			return cut || time.Since(began) > 2*bound
		})
		_, _ = c.Write([]byte("y"))
		if got, _ := c.R.ReadString('d'); got != "end" {
			return fmt.Errorf("a tunnel that is busy one way is cut, having sent %q", got)
		}
		if !c.Closed() {
			t.Error("the tunnel stayed")
		}
		return nil
	})
}
