package tcp_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/proxyheader"
)

const trusting = "[trust]\nproxy_protocol = [\"127.0.0.0/8\"]\n"

// TestHeaderIn: the client of a trusted peer is who its header names.
func TestHeaderIn(t *testing.T) {
	up := coretest.Script(t, func(c *coretest.Peer) {
		c.Say(c.Body(4))
		c.Ended()
	})
	log := t.TempDir() + "/access.log"
	p := coretest.Proxy(t, service([]string{up.Addr}, "", trusting, fmt.Sprintf("[log]\naccess = %q", log)))
	v2, err := proxyheader.Append(nil, 2, netip.MustParseAddrPort("[fd00::1]:4242"), netip.MustParseAddrPort("[fd00::2]:443"))
	if err != nil {
		t.Fatal(err)
	}
	for header, source := range map[string]string{
		"PROXY TCP4 10.1.2.3 10.0.0.2 4242 443\r\n": "10.1.2.3:4242",
		string(v2):                               "[fd00::1]:4242",
		"PROXY UNKNOWN\r\n":                      "127.0.0.1:",
		"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00": "127.0.0.1:",
	} {
		for _, piece := range []int{len(header) + 4, 1} {
			c := coretest.Dial(t, p.Addr("db"))
			text := header + "ping"
			for len(text) > 0 {
				n := min(piece, len(text))
				c.Send(text[:n])
				text = text[n:]
			}
			exact(t, c.R, "ping")
			_ = c.Conn.Close()
			coretest.Eventually(t, "the log tells "+source, func() bool { return strings.Contains(read(t, log), `"source":"`+source) })
		}
	}
}

// TestHeaderMissing: a trusted peer without a header is refused.
func TestHeaderMissing(t *testing.T) {
	up := coretest.Script(t, echo)
	p := coretest.Proxy(t, service([]string{up.Addr}, "", trusting, "[timeouts]\nhead = \"100ms\"\ndrain_delay = \"0s\"\ndrain = \"2s\""))
	for _, side := range []string{"db", "gateway"} {
		for _, text := range []string{"", "GET / HTTP/1.1\r\nhost: a\r\n\r\n", "PROXY TCP4 10.1.2.3", "PROXY TCP4 x y 1 2\r\nping", "\r\n\r\n\x00\r\nQUIT\n\x21\x11\xff\xff"} {
			c := coretest.Dial(t, p.Addr(side))
			c.Send(text)
			if !c.Closed() {
				t.Errorf("%s: %q was answered", side, text)
			}
		}
	}
	if n := up.Connections(); n != 0 {
		t.Errorf("the upstream had %d connections", n)
	}
}

// TestHeaderOfStrangers: who is not trusted sends bytes that are its own.
func TestHeaderOfStrangers(t *testing.T) {
	up := coretest.Script(t, echo)
	p := coretest.Proxy(t, service([]string{up.Addr}, "", "[trust]\nproxy_protocol = [\"10.0.0.0/8\"]"))
	c := coretest.Dial(t, p.Addr("db"))
	c.Send("PROXY TCP4 10.1.2.3 10.0.0.2 4242 443\r\n")
	exact(t, c.R, "PROXY TCP4 10.1.2.3 10.0.0.2 4242 443\r\n")
	c = coretest.Dial(t, p.Addr("gateway"))
	c.Send("PROXY TCP4 10.1.2.3 10.0.0.2 4242 443\r\n\r\n")
	if got := c.Read("GET"); got.Status != 400 {
		t.Errorf("a header to HTTP is answered %d, want 400", got.Status)
	}
}

// TestHeaderOfRequests: the client of requests is who the header names, too.
func TestHeaderOfRequests(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.Header.Get("X-Forwarded-For")))
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, trusting))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("PROXY TCP4 10.1.2.3 10.0.0.2 4242 443\r\n")
	for range 2 {
		c.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n")
		if got := c.Read("GET"); got.Status != 200 || got.Body != "10.1.2.3" {
			t.Errorf("%+v", got)
		}
	}
}

// TestHeaderOut: the upstream is told of the client before its bytes.
func TestHeaderOut(t *testing.T) {
	for version := range []string{"v1", "v2"} {
		up := coretest.Script(t, func(c *coretest.Peer) {
			var got []byte
			for {
				got = append(got, c.Body(1)...)
				h, size, err := proxyheader.Parse(got)
				if err == nil && size == len(got) {
					c.Say(h.Source.String() + " ")
					break
				}
			}
			c.Say(c.Body(4))
			c.Ended()
		})
		text := service([]string{up.Addr}, "")
		p := coretest.Proxy(t, text+fmt.Sprintf("proxy_protocol = \"v%d\"\n", version+1))
		c := coretest.Dial(t, p.Addr("db"))
		c.Send("ping")
		exact(t, c.R, c.LocalAddr().String()+" ping")
	}
}
