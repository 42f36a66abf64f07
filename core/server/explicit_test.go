package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// explicit is a sidecar whose app names it as its proxy.
func explicit(orders, unknown string) string {
	return fmt.Sprintf(`version = 1
role = "sidecar"
[sidecar]
inbound = ""
outbound = "127.0.0.1:0"
unknown = %q
[sidecar.intercept]
ports = { "1" = "tcp" }
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
detect = "10s"
[trust]
via = "us"
[[routes]]
on = ["outbound"]
match.hosts = ["orders"]
cluster = "orders"
[clusters.orders]
endpoints = [%q]
`, unknown, orders)
}

// through connects by CONNECT, and answers the status.
func through(t *testing.T, addr, to string) (c *coretest.Client, status string) {
	t.Helper()
	c = coretest.Dial(t, addr)
	c.Send("CONNECT " + to + " HTTP/1.1\r\nhost: " + to + "\r\n\r\n")
	return c, head(t, c.R)
}

// head reads a head without a body, and answers its status line's code.
func head(t *testing.T, r *bufio.Reader) (status string) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err.Error()
		}
		if status == "" {
			status = strings.Fields(line)[1]
		}
		if line == "\r\n" {
			return status
		}
	}
}

// TestExplicitProxy: what an app asks of its sidecar as of a proxy takes the mesh's
// routes, and goes elsewhere only where that is allowed.
func TestExplicitProxy(t *testing.T) {
	say := func(name string) *coretest.Upstream {
		return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s via %s for %s", name, r.Header.Get("Via"), r.Host)
		}))
	}
	orders, other := say("orders"), say("other")
	bytes := coretest.Script(t, func(c *coretest.Peer) { _, _ = io.Copy(c.Conn, c.Conn) })
	for _, unknown := range []string{"refuse", "pass"} {
		p := coretest.Proxy(t, explicit(orders.Addr, unknown))
		addr := p.Addr("outbound")
		pass := func(refused, passed string) string {
			if unknown == "pass" {
				return passed
			}
			return refused
		}
		ask := func(target, host string) string {
			c := coretest.Dial(t, addr)
			c.Send("GET " + target + " HTTP/1.1\r\nhost: " + host + "\r\n\r\n")
			r := c.Read("GET")
			if r.Status != 200 {
				return fmt.Sprint(r.Status)
			}
			return r.Body
		}
		inner := func(to, host string) string {
			c, status := through(t, addr, to)
			if status != "200" {
				return status
			}
			c.Send("GET / HTTP/1.1\r\nhost: " + host + "\r\n\r\n")
			if r := c.Read("GET"); r.Status == 200 {
				return r.Body
			}
			return "routed, and none"
		}
		raw := func(to string) string {
			c, status := through(t, addr, to)
			if status != "200" {
				return status
			}
			c.Send("\x00\x01bytes")
			b := make([]byte, 7)
			_, err := io.ReadFull(c.R, b)
			if err != nil {
				return "closed"
			}
			return string(b)
		}
		for _, c := range []struct{ what, got, want string }{
			{"absolute form", ask("http://orders/", "orders"), "orders via 1.1 us for orders"},
			{"origin form of a stranger", ask("/", other.Addr), "404"},
			{"absolute form of a stranger", ask("http://"+other.Addr+"/", other.Addr), pass("404", "other via 1.1 us for "+other.Addr)},
			{"absolute form of ourselves", ask("http://"+addr+"/", addr), "404"},
			{"secure absolute form of a stranger", ask("https://"+other.Addr+"/", other.Addr), "404"},
			{"CONNECT to a service", inner("orders:80", "orders"), "orders via 1.1 us for orders"},
			{"CONNECT to a cluster's endpoint", inner(orders.Addr, "orders"), "orders via 1.1 us for orders"},
			{"CONNECT to a cluster's endpoint, by no route", inner(orders.Addr, "x"), "orders via 1.1 us for x"},
			{"CONNECT to a stranger", inner(other.Addr, other.Addr), pass("404", "other via 1.1 us for "+other.Addr)},
			{"CONNECT to ourselves", inner(addr, "orders"), "404"},
			{"bytes to a stranger", raw(bytes.Addr), pass("404", "\x00\x01bytes")},
			{"bytes to a service without an address", raw("orders:1"), pass("closed", "closed")},
		} {
			if c.got != c.want {
				t.Errorf("unknown = %q: %s: %q, want %q", unknown, c.what, c.got, c.want)
			}
		}
	}
}

// TestConnectHostile: each is answered, and none gets anywhere.
func TestConnectHostile(t *testing.T) {
	orders := coretest.Serve(t, http.NotFoundHandler())
	p := coretest.Proxy(t, explicit(orders.Addr, "pass"))
	_, port, _ := net.SplitHostPort(orders.Addr)
	for text, want := range map[string]string{
		"CONNECT orders HTTP/1.1\r\nhost: orders\r\n\r\n":                                     "400",
		"CONNECT orders:0 HTTP/1.1\r\nhost: orders:0\r\n\r\n":                                 "400",
		"CONNECT orders:65536 HTTP/1.1\r\nhost: orders:65536\r\n\r\n":                         "400",
		"CONNECT :80 HTTP/1.1\r\nhost: :80\r\n\r\n":                                           "400",
		"CONNECT a@orders:80 HTTP/1.1\r\nhost: a@orders:80\r\n\r\n":                           "400",
		"CONNECT /orders:80 HTTP/1.1\r\nhost: orders:80\r\n\r\n":                              "400",
		"CONNECT orders:80 HTTP/1.1\r\nhost: other:80\r\n\r\n":                                "400",
		"CONNECT orders:80 HTTP/1.1\r\n\r\n":                                                  "400",
		"CONNECT orders:80 HTTP/2.0\r\nhost: orders:80\r\n\r\n":                               "400",
		"CONNECT orders:80\r\n\r\n":                                                           "400",
		"CONNECT orders:80 HTTP/1.1\r\nhost: orders:80\r\ncontent-length: 3\r\n\r\nabc":       "400",
		"CONNECT orders:80 HTTP/1.1\r\nhost: orders:80\r\ntransfer-encoding: chunked\r\n\r\n": "400",
		"CONNECT orders:80 HTTP/1.1\r\nhost: orders:80\r\n\r\nGET / HTTP/1.1\r\n":             "400",
		"CONNECT orders:80 HTTP/1.0\r\n\r\n":                                                  "200",
		"CONNECT 127.0.0.1:" + port + " HTTP/1.1\r\nhost: 127.0.0.1:" + port + "\r\n\r\n":     "200",
		"CONNECT orders:80 HTTP/1.1\r\nhost: orders:80\r\nx: " + strings.Repeat("y", 1<<17):   "400",
	} {
		c := coretest.Dial(t, p.Addr("outbound"))
		c.Send(text)
		if got := head(t, c.R); got != want {
			t.Errorf("%.80q: %s, want %s", text, got, want)
		}
		_ = c.Conn.Close()
	}
	// Neither within another nor behind another request.
	c, status := through(t, p.Addr("outbound"), orders.Addr)
	c.Send("CONNECT orders:80 HTTP/1.1\r\nhost: orders:80\r\n\r\n")
	if got := head(t, c.R); status != "200" || got != "400" {
		t.Errorf("a CONNECT within another: %s, %s", status, got)
	}
}
