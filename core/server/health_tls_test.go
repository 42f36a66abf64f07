package server_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// checked is a service that speaks TLS alone, with what serve does on each
// connection that has made its handshake.
func checked(t *testing.T, cfg *tls.Config, serve func(c net.Conn)) (addr string) {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if c.(*tls.Conn).Handshake() == nil {
					serve(c)
				}
			}()
		}
	}()
	return l.Addr().String()
}

// asks2 answers requests of HTTP/2 that come over c with a serving gRPC health
// service, and tells their schemes and paths.
func asks2(c net.Conn, asked chan<- string) {
	_, _ = io.CopyN(io.Discard, c, int64(len(http2.ClientPreface)))
	f := http2.NewFramer(c, c)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	var block bytes.Buffer
	enc := hpack.NewEncoder(&block)
	head := func(id uint32, end bool, nv ...string) {
		block.Reset()
		for i := 0; i < len(nv); i += 2 {
			_ = enc.WriteField(hpack.HeaderField{Name: nv[i], Value: nv[i+1]})
		}
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: end})
	}
	_ = f.WriteSettings()
	_ = f.WriteSettingsAck()
	for {
		fr, err := f.ReadFrame()
		if err != nil {
			return
		}
		if h, ok := fr.(*http2.MetaHeadersFrame); ok {
			select {
			case asked <- h.PseudoValue("scheme") + " " + h.PseudoValue("path"):
			default:
			}
			head(h.StreamID, false, ":status", "200", "content-type", "application/grpc")
			_ = f.WriteData(h.StreamID, false, []byte("\x00\x00\x00\x00\x02\x08\x01"))
			head(h.StreamID, true, "grpc-status", "0")
		}
	}
}

// Checks go by TLS where requests do, and say so in their scheme.
func TestHealthOverTLS(t *testing.T) {
	a := identitytest.New(t)
	site := a.Pair(a.Issue("site", identitytest.Request{Names: []string{"127.0.0.1"}}))
	said := func(c net.Conn, _ chan<- string) {
		b := make([]byte, 6)
		if _, err := io.ReadFull(c, b); err == nil && string(b) == "PING\r\n" {
			_, _ = io.WriteString(c, "+PONG\r\n")
		}
	}
	mute := func(c net.Conn, _ chan<- string) { _, _ = io.Copy(io.Discard, c) }
	for _, c := range []struct {
		name, protocol, health string
		proto                  string // by ALPN
		serve                  func(net.Conn, chan<- string)
		asked, fault           string
	}{
		{"grpc", "http2", `kind = "grpc"`, "h2", asks2, "https /grpc.health.v1.Health/Check", ""},
		{"http by HTTP/2", "http2", `path = "/ready"`, "h2", asks2, "https /ready", ""},
		{"tcp", "http1", `kind = "tcp"
send = "PING\r\n"
expect = "+PONG"`, "", said, "", ""},
		{"tcp, a handshake alone", "http1", `kind = "tcp"`, "", mute, "", ""},
		{"tcp, no answer", "http1", `kind = "tcp"
expect = "+PONG"
timeout = "100ms"`, "", mute, "", "no progress in time"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := make(chan string, 1)
			cfg := &tls.Config{Certificates: []tls.Certificate{site}}
			if c.proto != "" {
				cfg.NextProtos = []string{c.proto}
			}
			addr := checked(t, cfg, func(nc net.Conn) { c.serve(nc, asked) })
			p := coretest.Proxy(t, coretest.Gateway(addr)+fmt.Sprintf("protocol = %q\n[clusters.up.tls]\nroots = %q\n[clusters.up.health]\ninterval = \"10ms\"\n%s\n", c.protocol, a.File, c.health))
			if c.asked != "" {
				if got := <-asked; got != c.asked {
					t.Errorf("asked for %q, want %q", got, c.asked)
				}
			}
			coretest.Eventually(t, "a check has ended as it should", func() bool {
				view := p.Admin("GET", "/clusters").Body
				well := strings.Contains(view, `"healthy": true`)
				return !strings.Contains(view, `"checks": 0`) && well == (c.fault == "") && strings.Contains(view, c.fault)
			})
		})
	}
}

// An endpoint whose certificate is not to be trusted is not well by a TCP check.
func TestHealthOverTLSMistrusts(t *testing.T) {
	a, stranger := identitytest.New(t), identitytest.New(t)
	site := a.Pair(a.Issue("site", identitytest.Request{Names: []string{"127.0.0.1"}}))
	addr := checked(t, &tls.Config{Certificates: []tls.Certificate{site}}, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	p := coretest.Proxy(t, coretest.Gateway(addr)+fmt.Sprintf("[clusters.up.tls]\nroots = %q\n[clusters.up.health]\nkind = \"tcp\"\ninterval = \"10ms\"\n", stranger.File))
	coretest.Eventually(t, "the endpoint is out", func() bool {
		return strings.Contains(p.Admin("GET", "/clusters").Body, "securing the connection")
	})
}
