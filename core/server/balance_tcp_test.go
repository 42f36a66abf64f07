package server_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// telling is a TCP service that says its name.
func telling(t *testing.T, name string) *coretest.Upstream {
	return coretest.Script(t, func(c *coretest.Peer) { c.Say(name + "\n"); c.Ended() })
}

// TestConnectionsAreHashed by the client's address: that of whoever connects, or who a
// trusted peer says it is. When an endpoint goes, its clients move and no others.
func TestConnectionsAreHashed(t *testing.T) {
	ups := []*coretest.Upstream{telling(t, "a"), telling(t, "b"), telling(t, "c")}
	path := filepath.Join(t.TempDir(), "e.json")
	tell(t, path, ups...)
	toml := discovered(fmt.Sprintf("file = %q", path), "[[tcp]]\nname = \"db\"\nlisten = [\"127.0.0.1:0\"]\ncluster = \"up\"\nretries = 0")
	toml += "balance = \"ring_hash\"\nhash.by = \"client_ip\"\n"
	port := 1024 // another one each time: it does not count
	header := func(format string) func(client int) string {
		return func(client int) string { port++; return fmt.Sprintf(format, client, port) }
	}
	for name, from := range map[string]func(client int) string{
		"PROXY header of IPv4": header("PROXY TCP4 10.1.%d.7 10.0.0.2 %d 443\r\n"),
		"PROXY header of IPv6": header("PROXY TCP6 fd00::%d:7 fd00::2 %d 443\r\n"),
		"no header":            func(int) string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, path, ups...)
			text := toml
			if from(0) != "" {
				text = strings.Replace(text, "[trust]\n", "[trust]\nproxy_protocol = [\"127.0.0.0/8\"]\n", 1)
			}
			p := coretest.Proxy(t, text)
			served := func(client int) string {
				t.Helper()
				c := coretest.Dial(t, p.Addr("db"))
				c.Send(from(client))
				return c.Line()
			}
			const clients = 40 // all to two of three endpoints: once in ten million
			first, used := make([]string, clients), map[string]bool{}
			for client := range first {
				first[client] = served(client)
				used[first[client]] = true
				for range 2 {
					if again := served(client); again != first[client] {
						t.Errorf("client %d came to %s, then to %s", client, first[client], again)
					}
				}
			}
			want := 3
			if from(0) == "" {
				want = 1 // all are 127.0.0.1
			}
			if len(used) != want {
				t.Fatalf("all clients came to %v, want %d endpoints", used, want)
			}
			tell(t, path, ups[:2]...)
			coretest.Eventually(t, "c is gone", func() bool { return clusterOf(t, p).has(ups[0].Addr, ups[1].Addr) })
			for client, was := range first {
				if now := served(client); now == "c" || was != "c" && now != was {
					t.Errorf("client %d moved from %s to %s", client, was, now)
				}
			}
		})
	}
}
