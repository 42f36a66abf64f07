package filters_test

import (
	"bufio"
	"fmt"
	"net"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestConnectionsAreAuthorized: of a TCP service, by who connects.
func TestConnectionsAreAuthorized(t *testing.T) {
	for _, tt := range []struct {
		name, config, want string
	}{
		{"allowed", `{ allow = [{ name = "r", sources = ["127.0.0.0/8"] }] }`, "hello\n"},
		{"of another network", `{ allow = [{ name = "r", sources = ["192.0.2.0/24"] }] }`, ""},
		{"denied above allowed", `{ deny = [{ name = "d", sources = ["127.0.0.1/32"] }], allow = [{ name = "r", sources = ["127.0.0.0/8"] }] }`, ""},
		{"without a certificate", `{ allow = [{ name = "r", peers = ["spiffe://a.test/web"] }] }`, ""},
		{"without rules", `{}`, ""},
		{"audited", `{ audit = true }`, "hello\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			up := coretest.Script(t, func(c *coretest.Peer) { c.Say("hello\n"); c.Ended() })
			p := runFile(t, fmt.Sprintf(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
[[tcp]]
name = "db"
listen = ["127.0.0.1:0"]
cluster = "up"
filters = ["rules"]
[filters.rules]
use = "authz"
security = true
config = %s
[clusters.up]
endpoints = [%q]
`, tt.config, up.Addr)+coretest.Wasm())
			c, err := net.Dial("tcp", p.Addr("db"))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if got, _ := bufio.NewReader(c).ReadString('\n'); got != tt.want {
				t.Errorf("the client got %q, want %q", got, tt.want)
			}
			if n := up.Connections(); n > 0 != (tt.want != "") {
				t.Errorf("%d connections came to the upstream", n)
			}
		})
	}
}
