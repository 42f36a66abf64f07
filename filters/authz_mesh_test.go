package filters_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// peer is a sidecar that shows an identity. keys go into [sidecar], rest behind all.
func peer(t *testing.T, a *identitytest.Authority, name, keys, rest string) *coretest.Running {
	f := a.Issue(strings.ReplaceAll(name, "/", "-"), identitytest.Request{URI: "spiffe://a.test/" + name})
	return runFile(t, fmt.Sprintf(`version = 1
role = "sidecar"
[sidecar]
app = "127.0.0.1:1"
inbound = "127.0.0.1:0"
outbound = "127.0.0.1:0"
%s
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
[log]
access = "access.log"
[identity]
cert = %q
key = %q
bundle = %q
%s
`, keys, f.Cert, f.Key, a.File, rest)+coretest.Wasm())
}

// TestConnectionsOfMembersAreAuthorized: bytes go from service to service over mTLS, and
// the rules of who serves them are asked who it is that connects, by its certificate.
func TestConnectionsOfMembersAreAuthorized(t *testing.T) {
	a := identitytest.New(t)
	db := coretest.Script(t, func(c *coretest.Peer) { c.Say("hello\n"); c.Ended() })
	orders := peer(t, a, "orders", "mtls = \"permissive\"", fmt.Sprintf(`[[tcp]]
name = "db"
on = ["inbound"]
listen = ["127.0.0.1:0"]
cluster = "db"
filters = ["rules"]
[clusters.db]
endpoints = [%q]
[filters.rules]
use = "authz"
security = true
[filters.rules.config]
deny = [{ name = "not-here", peers = ["spiffe://a.test/ns/*/evil"] }]
allow = [{ name = "web", peers = ["spiffe://a.test/web"] }, { name = "team", peers = ["spiffe://a.test/ns/**"] }]
`, db.Addr))
	at := orders.Addr("db")
	for name, allowed := range map[string]bool{"web": true, "webs": false, "web/x": false, "ns/team/a": true, "ns/team/evil": false, "": false} {
		t.Run("as "+name, func(t *testing.T) {
			before, to := db.Connections(), at
			var client *coretest.Running
			if name != "" {
				client = peer(t, a, name, `outbound_tcp = "any"`, fmt.Sprintf(`[[tcp]]
name = "any"
on = ["outbound"]
cluster = "peer"
retries = 0
[clusters.peer]
endpoints = [%q]
connect_timeout = "10s"
tls = { mesh = true, peers = ["spiffe://a.test/orders"] }
`, at))
				to = client.Addr("outbound")
			}
			c, err := net.Dial("tcp", to)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if name == "" {
				_, _ = io.WriteString(c, "\x00") // a server of TLS waits for who speaks first
			}
			got, err := bufio.NewReader(c).ReadString('\n')
			if (got == "hello\n") != allowed || !allowed && (got != "" || err == nil) {
				t.Errorf("got %q, %v; allowed %v", got, err, allowed)
			}
			if n := db.Connections() - before; (n == 1) != allowed || n > 1 {
				t.Errorf("%d connections came to the service", n)
			}
			if client == nil {
				return
			}
			_ = c.Close()
			if line := accessLog(t, client); !strings.Contains(line, `"destination_identity":"spiffe://a.test/orders"`) {
				t.Errorf("the client's sidecar logs %s", line)
			}
		})
	}
	for sample, want := range map[string]float64{
		`authz_allowed_total{filter="rules",rule="web"}`: 1, `authz_allowed_total{filter="rules",rule="team"}`: 1,
		`authz_denied_total{filter="rules",rule="not-here"}`: 1, `authz_denied_total{filter="rules",rule="default"}`: 3,
	} {
		if got := orders.Metric("weir_filter_" + sample); got != want {
			t.Errorf("%s is %v, want %v", sample, got, want)
		}
	}

	log := accessLog(t, orders)
	for id, verdict := range map[string]string{"web": "allow:web", "webs": "deny:default", "web/x": "deny:default", "ns/team/a": "allow:team", "ns/team/evil": "deny:not-here"} {
		told := false
		for line := range strings.Lines(log) {
			told = told || strings.Contains(line, `"source_identity":"spiffe://a.test/`+id+`"`) && strings.Contains(line, `"authz":"`+verdict+`"`)
		}
		if !told {
			t.Errorf("no line tells of %s as %s:\n%s", id, verdict, log)
		}
	}
}
