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

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// Ports of the machine of orders.
const (
	ordersPort  = 3000 // the app: HTTP
	metricsPort = 3001 // HTTP too, which no cluster has
	mysqlPort   = 3306 // its server speaks first, and both sidecars are told
	mailPort    = 2525 // its server speaks first, and nobody is told
	oddPort     = 4000 // speaks what nobody knows
	adminPort   = 9901 // of the sidecars
)

// memberOf is the configuration of a sidecar whose app knows nothing of it. rest is of one
// side.
func memberOf(identity, detect, rest string) string {
	return fmt.Sprintf(`version = 1
role = "sidecar"
%s
[sidecar]
app = "127.0.0.1:%d"
unknown = "pass"
inbound_tcp = "bytes"
[sidecar.intercept]
mode = "redirect"
ports = { "%d" = "tcp" }
[admin]
listen = "127.0.0.1:%d"
[timeouts]
drain_delay = "0s"
detect = %q
%s
[filters.reads-only]
use = "authz"
security = true
config.allow = [{ name = "web-reads", peers = ["spiffe://a.test/web"], methods = ["GET"] }]
[[routes]]
name = "app"
on = ["inbound"]
filters = ["reads-only"]
%s`, identity, ordersPort, mysqlPort, adminPort, detect, bytesService, rest)
}

// bytesService takes what is not HTTP, of one peer.
const bytesService = `[[tcp]]
name = "bytes"
on = ["inbound"]
cluster = "app"
filters = ["members-only"]
[filters.members-only]
use = "authz"
security = true
config.allow = [{ name = "web", peers = ["spiffe://a.test/web"] }]`

// peersAt are the clusters of a machine's ports, whose endpoints must be orders.
func peersAt(ip string) (toml string) {
	for name, port := range map[string]int{"orders": ordersPort, "mysql": mysqlPort, "mail": mailPort, "odd": oddPort} {
		toml += fmt.Sprintf("[clusters.%s]\nendpoints = [\"%s:%d\"]\nprotocol = \"auto\"\nconnect_timeout = \"10s\"\ntls.mesh = true\ntls.peers = [\"spiffe://a.test/orders\"]\n", name, ip, port)
	}
	return toml
}

// asked sends a request from a machine by a method, and answers status and body.
func (m *machine) asked(method, ip string, port int) string {
	m.t.Helper()
	c := m.dial("tcp", ip, port)
	fmt.Fprintf(c, "%s / HTTP/1.1\r\nhost: %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", method, net.JoinHostPort(ip, fmt.Sprint(port)))
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return "no answer"
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", r.StatusCode, body)
}

// speaks is a server that says a word first, and then what it hears.
func speaks(word string) func(c net.Conn) {
	return func(c net.Conn) {
		_, _ = io.WriteString(c, word)
		_, _ = io.Copy(c, c)
	}
}

// TestInterceptMesh: two apps that know of nothing talk by mutual TLS, redirected on both
// sides, and each is who its sidecar says. Who goes another way, or is another, is refused.
func TestInterceptMesh(t *testing.T) {
	web, orders := machines(t)
	stranger := newMachine(t, 3)
	join(orders, stranger, "eth1", 78)
	const there = "10.78.0.2" // orders, as the stranger knows it
	word := func(text string) func(c net.Conn) {
		return func(c net.Conn) {
			b := bufio.NewReader(c)
			if line, err := b.Peek(2); err == nil && string(line) == "\r\n" {
				_, _ = b.Discard(2) // as servers should (RFC 9112, section 2.2)
			}
			if r, err := http.ReadRequest(b); err == nil {
				fmt.Fprintf(c, "HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s %s", len(text)+len(r.Method)+1, text, r.Method)
			}
		}
	}
	orders.listen(ordersPort, word("orders"))
	orders.listen(metricsPort, word("metrics"))
	orders.listen(mysqlPort, speaks("5.7.0"))
	orders.listen(mailPort, speaks("220 mail"))
	orders.listen(oddPort, speaks(""))

	a := identitytest.New(t)
	identity := func(name string, a *identitytest.Authority) string {
		return ofFiles(a.Issue(name, identitytest.Request{URI: "spiffe://a.test/" + name}), a.File)
	}
	idWeb, idOrders := identity("web", a), identity("orders", a)
	patient := coretest.Patience.String()
	fileWeb, fileOrders := write(t, "", "web.toml", memberOf(idWeb, patient, peersAt(orders.ip))), write(t, "", "orders.toml", memberOf(idOrders, patient, ""))
	ofWeb, ofOrders := web.start("run", "-c", fileWeb), orders.start("run", "-c", fileOrders)
	if got := web.asked("GET", orders.ip, ordersPort); got != "200 orders GET" { // which also waits for the neighbour to be known
		t.Fatalf("before: %q", got)
	}
	web.runs(built.weir, "intercept", "on", "-c", fileWeb)
	orders.runs(built.weir, "intercept", "on", "-c", fileOrders)

	for _, c := range []struct{ what, got, want string }{
		{"allowed", web.asked("GET", orders.ip, ordersPort), "200 orders GET"},
		{"denied", strings.Fields(web.asked("DELETE", orders.ip, ordersPort))[0], "403"},
		{"a port that no cluster has, so in clear", strings.Fields(web.asked("GET", orders.ip, metricsPort))[0], "400"},
		{"a server that speaks first", web.says("tcp", orders.ip, mysqlPort, "ping", 9), "5.7.0ping"},
		{"what nobody knows", web.says("tcp", orders.ip, oddPort, "\x00\x01odd", 5), "\x00\x01odd"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	for _, sample := range []string{
		`weir_mesh_requests_total{destination="spiffe://a.test/orders",direction="inbound",route="app",source="spiffe://a.test/web",status="2xx"} 1`,
		`weir_mesh_requests_total{destination="spiffe://a.test/orders",direction="inbound",route="app",source="spiffe://a.test/web",status="4xx"} 1`,
	} {
		coretest.Eventually(t, sample, func() bool { return strings.Contains(orders.page("/metrics"), sample) })
	}

	// The stranger's machine redirects nothing: what it says goes as it is.
	for what, port := range map[string]int{"the app": ordersPort, "another of its ports": metricsPort, "the sidecar itself": 15006} {
		if got := stranger.asked("GET", there, port); !strings.HasPrefix(got, "400 This address speaks HTTPS") {
			t.Errorf("in clear to %s: %q", what, got)
		}
	}
	for _, port := range []int{oddPort, mysqlPort, ordersPort} {
		if got := stranger.says("tcp", there, port, "\x00\x01odd\r\n", 1); !refused(got) {
			t.Errorf("bytes in clear to %d: %s", port, got)
		}
	}
	// Nor does it help to have a sidecar: as another member, or by an authority of its own.
	for name, c := range map[string]struct {
		identity string
		status   string
	}{"mallory": {identity("mallory", a), "403"}, "web": {identity("web", identitytest.New(t)), "502"}} {
		file := write(t, "", "stranger.toml", memberOf(c.identity, patient, peersAt(there)))
		p := stranger.start("run", "-c", file)
		stranger.runs(built.weir, "intercept", "on", "-c", file)
		if got := strings.Fields(stranger.asked("GET", there, ordersPort))[0]; got != c.status {
			t.Errorf("as %s: %s, want %s", name, got, c.status)
		}
		for _, port := range []int{oddPort, mysqlPort} {
			if got := stranger.says("tcp", there, port, "\x00\x01odd", 1); !refused(got) {
				t.Errorf("bytes as %s to %d: %s", name, port, got)
			}
		}
		stranger.runs(built.weir, "intercept", "off")
		_ = p.cmd.Process.Kill()
		<-p.exited
	}

	// What is not HTTP goes past the routes' filters, so without a service of its own, which
	// has filters, it goes nowhere but to ports that are hinted; nor does HTTP in disguise.
	const smuggled = "\r\nDELETE / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n"
	if got := web.says("tcp", orders.ip, ordersPort, smuggled, 15); got != "HTTP/1.1 200 OK" {
		t.Errorf("to a service that takes it: %q", got)
	}
	write(t, filepath.Dir(fileOrders), "orders.toml", strings.NewReplacer(`inbound_tcp = "bytes"`, "", bytesService, "").Replace(memberOf(idOrders, patient, "")))
	ofOrders.logged(`"msg":"reloaded"`)
	for port, text := range map[int]string{ordersPort: smuggled, oddPort: "\x00\x01odd"} {
		if got := web.says("tcp", orders.ip, port, text, 5); !refused(got) {
			t.Errorf("past the filters to %d: %s", port, got)
		}
	}
	if got := web.says("tcp", orders.ip, mysqlPort, "ping", 9); got != "5.7.0ping" {
		t.Errorf("a port that is hinted: %q", got)
	}

	// Where nobody is told, a server that speaks first is found out by its client's silence.
	write(t, filepath.Dir(fileWeb), "web.toml", memberOf(idWeb, "200ms", peersAt(orders.ip)))
	write(t, filepath.Dir(fileOrders), "orders.toml", memberOf(idOrders, "200ms", ""))
	for p, times := range map[*process]int{ofWeb: 1, ofOrders: 2} {
		coretest.Eventually(t, "the file is taken up", func() bool { return strings.Count(p.log.String(), `"msg":"reloaded"`) == times })
	}
	if got := web.says("tcp", orders.ip, mailPort, "", 8); got != "220 mail" {
		t.Errorf("a server that speaks first, of which nobody is told: %q", got)
	}
}

// refused says whether a connection was ended before anything came back.
func refused(got string) bool {
	return strings.HasPrefix(got, `"", `) && (strings.HasSuffix(got, "EOF") || strings.Contains(got, "reset by peer"))
}

// page is one of the sidecar's admin.
func (m *machine) page(path string) string {
	m.t.Helper()
	c := m.dial("tcp", "127.0.0.1", adminPort)
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nconnection: close\r\n\r\n", path, adminPort)
	b, err := io.ReadAll(c)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(b)
}
