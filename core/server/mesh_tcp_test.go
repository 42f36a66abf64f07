package server_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// tcpService is a [[tcp]] of one side. keys go into its table.
func tcpService(name, side, cluster, keys string) string {
	return fmt.Sprintf("[[tcp]]\nname = %q\non = [%q]\ncluster = %q\n%s\n", name, side, cluster, keys)
}

// TestMeshTCP: bytes that are not HTTP go from app to app as members' do: told from
// HTTP within TLS, or by an address of their own.
func TestMeshTCP(t *testing.T) {
	a := identitytest.New(t)
	db := coretest.Script(t, func(c *coretest.Peer) { c.Say("hello "); c.Say(c.Body(6)); c.Ended() })
	raw := clusters("raw", db.Addr)
	orders := coretest.Proxy(t, member{
		identity: identityTable(svid(a, ordersID), a.File), app: said(t, "orders").Addr, keys: "inbound_tcp = \"raw\"",
		rest: tcpService("raw", "inbound", "raw", "") + tcpService("db", "inbound", "raw", "listen = [\"127.0.0.1:0\"]") + raw,
	}.toml())
	for _, at := range []string{orders.Addr("inbound"), orders.Addr("db")} {
		web := coretest.Proxy(t, member{
			identity: identityTable(svid(a, webID), a.File), peer: at, keys: "outbound_tcp = \"any\"", rest: tcpService("any", "outbound", "peer", ""),
		}.toml())
		for _, text := range []string{"PING\r\n", "\x00\x01\x02\x03\x04\x05"} {
			c := coretest.Dial(t, web.Addr("outbound"))
			c.Send(text)
			got := make([]byte, 12)
			if _, err := io.ReadFull(c.R, got); err != nil || string(got) != "hello "+text {
				t.Errorf("%q by %s: %q, %v", text, at, got, err)
			}
		}
		silent := coretest.Dial(t, web.Addr("outbound"))
		got := make([]byte, 6)
		if _, err := io.ReadFull(silent.R, got); err != nil || string(got) != "hello " {
			t.Errorf("a server that speaks first: %q, %v", got, err)
		}
		if at == orders.Addr("inbound") {
			if r := coretest.Get(t, web.Addr("outbound"), "/"); r.Status != 200 || r.Body != "orders" {
				t.Errorf("HTTP beside it: %+v", r)
			}
		}
	}
	for name, cfg := range map[string]*tls.Config{"no certificate": {InsecureSkipVerify: true}, "in clear": nil} {
		for _, at := range []string{orders.Addr("inbound"), orders.Addr("db")} {
			c := coretest.Dial(t, at)
			if cfg != nil {
				s := tls.Client(c.Conn, cfg)
				_, _ = s.Write([]byte("PING\r\n"))
				if b, err := io.ReadAll(s); err == nil || len(b) > 0 {
					t.Errorf("%s: %q is answered", name, b)
				}
				continue
			}
			c.Send("PING\r\n")
			if !c.Closed() {
				t.Errorf("%s: it is answered", name)
			}
		}
	}
}
