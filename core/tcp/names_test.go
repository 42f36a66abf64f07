package tcp_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// named is an upstream that says its name once its client has said enough.
func named(t *testing.T, name string) string {
	return coretest.Script(t, func(c *coretest.Peer) {
		c.Body(1)
		c.Say(name)
		c.Ended()
	}).Addr
}

// clientHello is the first message of a TLS client that asks for a name.
func clientHello(t *testing.T, name string) string {
	t.Helper()
	ours, theirs := net.Pipe()
	defer ours.Close()
	go func() {
		_ = tls.Client(theirs, &tls.Config{ServerName: name, InsecureSkipVerify: true}).Handshake()
		_ = theirs.Close()
	}()
	b := make([]byte, 16<<10)
	n, err := io.ReadAtLeast(ours, b, 5)
	for err == nil && n < 5+int(b[3])<<8+int(b[4]) {
		var k int
		k, err = ours.Read(b[n:])
		n += k
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

// bySNI is a configuration of a service by server name, with or without a default.
func bySNI(t *testing.T, fallback bool, tables ...string) string {
	keys := `cluster = "none"`
	if fallback {
		keys = `cluster = "up"`
	}
	keys += `
sni = [{ hosts = ["a.example"], cluster = "a" }, { hosts = ["*.a.example", "*.b.example"], cluster = "b" }, { hosts = ["x.y.b.example"], cluster = "a" }]`
	if !fallback {
		keys = strings.Replace(keys, "cluster = \"none\"\n", "", 1)
	}
	tables = append(tables, fmt.Sprintf("[clusters.a]\nendpoints = [%q]\n[clusters.b]\nendpoints = [%q]", named(t, "a"), named(t, "b")))
	return service([]string{named(t, "default")}, keys, tables...)
}

func TestServerNames(t *testing.T) {
	p := coretest.Proxy(t, bySNI(t, true))
	for name, want := range map[string]string{
		"a.example": "a", "A.Example": "a", "x.a.example": "b", "z.y.b.example": "b", "x.y.b.example": "a",
		"b.example": "default", "example": "default", "": "default",
	} {
		c := coretest.Dial(t, p.Addr("db"))
		c.Send(clientHello(t, name))
		exact(t, c.R, want)
	}
}

// TestServerNameComesWhole: the upstream gets the very bytes that were looked at,
// also where they come one by one.
func TestServerNameComesWhole(t *testing.T) {
	hello := clientHello(t, "x.a.example")
	up := coretest.Script(t, func(c *coretest.Peer) {
		c.Say(c.Body(len(hello)))
		c.Ended()
	})
	text := bySNI(t, true)
	at := strings.Index(text, "[clusters.b]")
	p := coretest.Proxy(t, text[:at]+fmt.Sprintf("[clusters.b]\nendpoints = [%q]\n", up.Addr)+text[strings.Index(text, "\n[timeouts]"):])
	c := coretest.Dial(t, p.Addr("db"))
	_ = c.Conn.(*net.TCPConn).SetNoDelay(true)
	for i := range len(hello) {
		c.Send(hello[i : i+1])
	}
	exact(t, c.R, hello)
}

// TestNoServerName: what has no name goes to the default, and is closed without one.
func TestNoServerName(t *testing.T) {
	half := clientHello(t, "a.example")[:100]
	for what, c := range map[string]struct {
		send   string
		half   bool // then the client ends
		reason string
	}{
		"another protocol": {"GET / HTTP/1.1\r\n\r\n", false, "bad_request"},
		"silence":          {"", false, "head_timeout"},
		"half a message":   {half, false, "head_timeout"},
		"a cut message":    {half, true, "truncated"},
		"another name":     {clientHello(t, "c.example"), false, "no_route"},
		"no name":          {clientHello(t, ""), false, "no_route"},
		"a bad name":       {strings.Replace(clientHello(t, "a.example"), "a.example", "a\x00example", 1), false, "bad_request"},
	} {
		head := coretest.Patience
		if c.reason == "head_timeout" {
			head = 100 * time.Millisecond
		}
		for _, fallback := range []bool{true, false} {
			p := coretest.Proxy(t, bySNI(t, fallback, fmt.Sprintf("[timeouts]\nhead = %q\ndrain_delay = \"0s\"\ndrain = \"2s\"", head)))
			k := coretest.Dial(t, p.Addr("db"))
			k.Send(c.send)
			if c.half {
				k.HalfClose()
			}
			if fallback {
				if c.send == "" {
					k.Send("x") // once it is there, the upstream answers
				}
				exact(t, k.R, "default")
				continue
			}
			if !k.Closed() {
				t.Errorf("%s was answered", what)
			}
			coretest.Eventually(t, what+" is counted", func() bool {
				return p.Metric(fmt.Sprintf(`weir_tcp_connections_total{reason=%q,service="db"}`, c.reason)) == 1
			})
		}
	}
}
