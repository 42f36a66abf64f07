package main_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// interceptor is the configuration of a sidecar of one of two machines.
func interceptor(backend, via, unknown string) string {
	return fmt.Sprintf(`version = 1
role = "sidecar"
[sidecar]
app = "127.0.0.1:3000"
unknown = %q
[sidecar.intercept]
mode = "redirect"
backend = %q
ports = { "3306" = "tcp" }
exclude = { inbound_ports = [2222], outbound_ports = [2323] }
[trust]
via = %q
[timeouts]
drain_delay = "0s"
detect = "10s"
[[routes]]
name = "app"
on = ["inbound"]
match.hosts = ["orders", "10.77.0.2", "[fd77::2]"]
[[routes]]
name = "orders"
on = ["outbound"]
match.hosts = ["orders"]
cluster = "orders"
[clusters.orders]
endpoints = ["10.77.0.2:3000"]
`, unknown, backend, via)
}

// tells is an app that answers a request by which way it came.
func tells(name string) func(c net.Conn) {
	return func(c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		body := name + " via " + strings.Join(r.Header["Via"], ", ")
		fmt.Fprintf(c, "HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s", len(body), body)
	}
}

// asks sends a request from a machine, and answers the status and the body.
func (m *machine) asks(ip string, port int, host string) string {
	m.t.Helper()
	c := m.dial("tcp", ip, port)
	fmt.Fprintf(c, "GET / HTTP/1.1\r\nhost: %s\r\nconnection: close\r\n\r\n", host)
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		m.t.Fatalf("asking %s:%d: %v", ip, port, err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	if r.StatusCode != 200 {
		return fmt.Sprint(r.StatusCode)
	}
	return string(body)
}

// says sends bytes and answers what comes back until the end of what is sent.
func (m *machine) says(network, ip string, port int, text string, want int) string {
	m.t.Helper()
	c := m.dial(network, ip, port)
	_ = c.SetDeadline(time.Now().Add(coretest.Patience))
	if text != "" {
		_, _ = io.WriteString(c, text)
	}
	b := make([]byte, want)
	n, err := io.ReadFull(c, b)
	if err != nil {
		return fmt.Sprintf("%q, %v", b[:n], err)
	}
	return string(b)
}

// TestIntercept: what one machine's app says to another's goes through both sidecars,
// though neither app knows of them.
func TestIntercept(t *testing.T) {
	for _, backend := range []string{"nftables", "iptables"} {
		t.Run(backend, func(t *testing.T) { intercept(t, backend) })
	}
}

func intercept(t *testing.T, backend string) {
	a, b := machines(t)
	b.listen(3000, tells("app"))
	b.listen(3001, tells("other"))
	b.listen(2222, tells("left alone"))
	b.listen(2323, tells("half"))
	b.listen(4000, func(c net.Conn) { _, _ = io.Copy(c, c) })
	b.listen(3306, func(c net.Conn) {
		_, _ = io.WriteString(c, "server first")
		_, _ = io.Copy(io.Discard, c)
	})
	b.within(func() error {
		u, err := net.ListenPacket("udp", ":5353")
		if err != nil {
			return err
		}
		t.Cleanup(func() { _ = u.Close() })
		go func() {
			p := make([]byte, 100)
			for {
				n, from, err := u.ReadFrom(p)
				if err != nil {
					return
				}
				_, _ = u.WriteTo(p[:n], from)
			}
		}()
		return nil
	})
	fileA, fileB := write(t, "", "a.toml", interceptor(backend, "a", "pass")), write(t, "", "b.toml", interceptor(backend, "b", "pass"))
	sidecar := a.start("run", "-c", fileA)
	b.start("run", "-c", fileB)
	// Somebody else's rules, which are none of ours.
	for _, m := range []*machine{a, b} {
		m.runs("iptables", "-t", "nat", "-A", "OUTPUT", "-p", "tcp", "--dport", "9", "-j", "ACCEPT")
		m.runs("nft", "add table inet theirs; add chain inet theirs c; add rule inet theirs c tcp dport 9 accept")
	}
	before := a.rules()
	if !strings.Contains(before, "dport 9") {
		t.Fatalf("the rules are not seen: %s", before)
	}
	for _, ip := range []string{b.ip, b.ip6} { // which also waits for the neighbour to be known
		if got := a.asks(ip, 3000, "orders"); got != "app via " {
			t.Fatalf("before: %q", got)
		}
	}
	for range 2 { // what is on can be set up again
		a.runs(built.weir, "intercept", "on", "-c", fileA)
		b.runs(built.weir, "intercept", "on", "-c", fileB)
	}
	both := " via 1.1 a, 1.1 b"
	for _, c := range []struct{ what, got, want string }{
		{"by authority", a.asks(b.ip, 3000, "orders"), "app" + both},
		{"by authority, whatever was dialed", a.asks("10.77.0.99", 80, "orders"), "app" + both},
		{"by the cluster whose endpoint it is", a.asks(b.ip, 3000, "10.77.0.2"), "app" + both},
		{"to another port of the app's machine", a.asks(b.ip, 3001, "10.77.0.2"), "other" + both},
		{"by IPv6", a.asks(b.ip6, 3000, "[fd77::2]"), "app" + both},
		{"for a host that the app's sidecar has no route for", a.asks(b.ip6, 3000, "unknown"), "404"},
		{"a port that is left alone inbound", a.asks(b.ip, 2222, "x"), "left alone via 1.1 a"},
		{"a port that is left alone outbound", a.asks(b.ip, 2323, "10.77.0.2"), "half via 1.1 b"},
		{"bytes", a.says("tcp", b.ip, 4000, "\x00\x01bytes", 7), "\x00\x01bytes"},
		{"bytes by IPv6", a.says("tcp", b.ip6, 4000, "\x00\x01bytes", 7), "\x00\x01bytes"},
		{"a server that speaks first", a.says("tcp", b.ip, 3306, "", 12), "server first"},
		{"UDP", a.says("udp", b.ip, 5353, "datagram", 8), "datagram"},
		{"a machine to itself", b.asks(b.ip, 3000, "x"), "app via "},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	refuse(t, a, b, sidecar, fileA, backend)
	for range 2 {
		a.runs(built.weir, "intercept", "off")
	}
	b.runs(built.weir, "intercept", "off")
	if after := a.rules(); after != before {
		t.Errorf("off leaves\n%s\nwhere there was\n%s", after, before)
	}
	if got := a.asks(b.ip, 3000, "orders"); got != "app via " {
		t.Errorf("after: %q", got)
	}
}

// refuse has the sidecar pass nothing on that it does not know.
func refuse(t *testing.T, a, b *machine, sidecar *process, file, backend string) {
	t.Helper()
	if got := a.says("tcp", b.ip, 4000, "\x00\x01bytes", 7); got != "\x00\x01bytes" {
		t.Errorf("before: %s", got)
	}
	write(t, filepath.Dir(file), filepath.Base(file), interceptor(backend, "a", "refuse"))
	sidecar.logged(`"msg":"reloaded"`)
	for what, c := range map[string]struct{ got, want string }{
		"a known destination":      {a.asks(b.ip, 3000, "10.77.0.2"), "app via 1.1 a, 1.1 b"},
		"an unknown destination":   {a.asks(b.ip, 3001, "10.77.0.2"), "404"},
		"bytes to an unknown one":  {a.says("tcp", b.ip, 4000, "\x00\x01bytes", 7), `"", EOF`},
		"a server that would talk": {a.says("tcp", b.ip, 3306, "", 12), `"", EOF`},
	} {
		if c.got != c.want && !(strings.HasPrefix(c.got, `"", `) && strings.HasPrefix(c.want, `"", `)) {
			t.Errorf("%s: %q, want %q", what, c.got, c.want)
		}
	}
}
