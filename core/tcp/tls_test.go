package tcp_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	. "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
	"github.com/weirproxy/weir/core/proxyheader"
)

// securely is a script of an upstream that speaks TLS.
func securely(cfg *tls.Config, do func(c *tls.Conn)) func(*coretest.Peer) {
	return func(p *coretest.Peer) {
		c := tls.Server(p.Conn, cfg)
		if c.Handshake() == nil {
			do(c)
			_ = c.Close()
		}
	}
}

// tellAndEcho says what the handshake settled, then sends back what comes.
func tellAndEcho(c *tls.Conn) {
	state, who := c.ConnectionState(), "nobody"
	if len(state.PeerCertificates) > 0 {
		who = state.PeerCertificates[0].Subject.CommonName
	}
	fmt.Fprintf(c, "%s|%s|%s\n", who, state.ServerName, state.NegotiatedProtocol)
	_, _ = io.Copy(c, c)
	_ = c.CloseWrite()
}

// TestOriginatesTLS: a cluster with TLS is spoken to so, whatever HTTP would speak
// there, and no protocol is offered in the client's stead.
func TestOriginatesTLS(t *testing.T) {
	a := identitytest.New(t)
	site := a.Pair(a.Issue("site", identitytest.Request{Names: []string{"up.test"}}))
	client := a.Issue("client", identitytest.Request{Names: []string{"proxy"}})
	up := coretest.Script(t, securely(&tls.Config{Certificates: []tls.Certificate{site}, ClientAuth: tls.RequestClientCert, NextProtos: []string{"h2", "http/1.1"}}, tellAndEcho))
	secured := fmt.Sprintf("[clusters.up.tls]\nroots = %q\nserver_name = \"up.test\"\n", a.File)
	for name, c := range map[string]struct{ text, want string }{
		"plainly":            {service([]string{up.Addr}, "") + secured, "nobody|up.test|\n"},
		"by its certificate": {service([]string{up.Addr}, "") + secured + fmt.Sprintf("cert = %q\nkey = %q\n", client.Cert, client.Key), "proxy|up.test|\n"},
		"http2":              {service([]string{up.Addr}, "") + "protocol = \"http2\"\n" + secured, "nobody|up.test|\n"},
		"auto":               {service([]string{up.Addr}, "") + "protocol = \"auto\"\n" + secured, "nobody|up.test|\n"},
		"filtered":           {filtered(t, up.Addr, "", Program{}) + fmt.Sprintf("[clusters.up.tls]\nroots = %q\nserver_name = \"up.test\"\n", a.File), "nobody|up.test|\n"},
	} {
		t.Run(name, func(t *testing.T) {
			p := coretest.Proxy(t, c.text)
			k := coretest.Dial(t, p.Addr("db"))
			exact(t, k.R, c.want)
			const size = 1 << 20
			go func() { _, _ = k.Write(make([]byte, size)); k.HalfClose() }()
			if got, failed := all(k.R); len(got) != size || failed {
				t.Errorf("%d bytes came back, failed %v, want %d", len(got), failed, size)
			}
		})
	}
}

// TestHeaderBeforeTLS: the PROXY header is in clear, before the handshake.
func TestHeaderBeforeTLS(t *testing.T) {
	a := identitytest.New(t)
	site := a.Pair(a.Issue("site", identitytest.Request{Names: []string{"127.0.0.1"}}))
	up := coretest.Script(t, func(p *coretest.Peer) {
		r := bufio.NewReader(p.Conn)
		line, _ := r.ReadString('\n')
		h, _, err := proxyheader.Parse([]byte(line))
		if err != nil {
			t.Errorf("%q: %v", line, err)
		}
		c := tls.Server(behind{p.Conn, r}, &tls.Config{Certificates: []tls.Certificate{site}})
		fmt.Fprint(c, h.Source)
		_ = c.Close()
	})
	p := coretest.Proxy(t, service([]string{up.Addr}, "")+fmt.Sprintf("proxy_protocol = \"v1\"\n[clusters.up.tls]\nroots = %q\n", a.File))
	c := coretest.Dial(t, p.Addr("db"))
	if got, failed := all(c.R); got != c.LocalAddr().String() || failed {
		t.Errorf("%q, failed %v, want %v", got, failed, c.LocalAddr())
	}
}

// behind is a connection of which some was read.
type behind struct {
	net.Conn
	r *bufio.Reader
}

func (b behind) Read(p []byte) (int, error) { return b.r.Read(p) }

// TestTLSFails: a client is not told of what its upstream's TLS lacks, the log and the
// metrics are.
func TestTLSFails(t *testing.T) {
	a, stranger := identitytest.New(t), identitytest.New(t)
	names := identitytest.Request{Names: []string{"127.0.0.1"}}
	theirs := &tls.Config{Certificates: []tls.Certificate{stranger.Pair(stranger.Issue("site", names))}}
	for reason, each := range map[string]func(*coretest.Peer){
		"upstream_untrusted": securely(theirs, tellAndEcho),
		"upstream_tls":       saying("220 no TLS here\r\n"),
		"connect_timeout":    func(c *coretest.Peer) { c.Ended() },
	} {
		t.Run(reason, func(t *testing.T) {
			up := coretest.Script(t, each)
			timeout := coretest.Patience
			if reason == "connect_timeout" {
				timeout = 100 * time.Millisecond
			}
			p := coretest.Proxy(t, service([]string{up.Addr}, "retries = 0")+fmt.Sprintf("connect_timeout = %q\n[clusters.up.tls]\nroots = %q\n", timeout, a.File))
			if got, _ := all(coretest.Dial(t, p.Addr("db")).R); got != "" {
				t.Errorf("the client got %q", got)
			}
			coretest.Eventually(t, "it is counted", func() bool {
				return p.Metric(`weir_tcp_connections_total{reason="`+reason+`",service="db"}`) == 1
			})
			if reason == "upstream_untrusted" && !p.Log.Has("is not trusted", `"cluster":"up"`) {
				t.Error("the log does not tell of the certificate")
			}
		})
	}
}

// TestTLSCutShort: an upstream that ends without saying so may have been cut.
func TestTLSCutShort(t *testing.T) {
	a := identitytest.New(t)
	site := a.Pair(a.Issue("site", identitytest.Request{Names: []string{"127.0.0.1"}}))
	up := coretest.Script(t, securely(&tls.Config{Certificates: []tls.Certificate{site}}, func(c *tls.Conn) {
		_, _ = c.Read(make([]byte, 1))
		fmt.Fprint(c, "half")
		_ = c.NetConn().(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, c)
	}))
	p := coretest.Proxy(t, service([]string{up.Addr}, "")+fmt.Sprintf("[clusters.up.tls]\nroots = %q\n", a.File))
	c := coretest.Dial(t, p.Addr("db"))
	c.Send("x")
	if got, failed := all(c.R); got != "half" || !failed {
		t.Errorf("%q, failed %v; want a failure", got, failed)
	}
	coretest.Eventually(t, "it is counted", func() bool {
		return p.Metric(`weir_tcp_connections_total{reason="upstream_reset",service="db"}`) == 1
	})
}
