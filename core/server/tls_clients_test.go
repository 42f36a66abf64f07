package server_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// TestTLSClientCertificates: none, one that is trusted, one that is not.
func TestTLSClientCertificates(t *testing.T) {
	a, stranger := identitytest.New(t), identitytest.New(t)
	up := coretest.Serve(t, hello)
	site := a.Issue("site", identitytest.Request{Names: []string{"a.test", "b.test"}})
	good := a.Pair(a.Issue("good", identitytest.Request{Names: []string{"client"}, URI: "spiffe://mesh/ns/x"}))
	bad := stranger.Pair(stranger.Issue("bad", identitytest.Request{Names: []string{"client"}}))
	for _, c := range []struct {
		auth                string
		none, trusted, fake bool // are served
	}{
		{"optional", true, true, false},
		{"required", false, true, false},
	} {
		p := coretest.Proxy(t, withTLS(up.Addr, []identity.Files{site}, "client_auth = \""+c.auth+"\"\nclient_ca = \""+a.File+"\""))
		for who, x := range map[string]struct {
			certs  []tls.Certificate
			served bool
		}{
			"none": {nil, c.none}, "trusted": {[]tls.Certificate{good}, c.trusted}, "fake": {[]tls.Certificate{bad}, c.fake},
		} {
			for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
				t.Run(c.auth+"/"+who+"/"+name, func(t *testing.T) {
					cfg := &tls.Config{RootCAs: a.Pool, ServerName: "a.test", MaxVersion: version,
						GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
							if x.certs == nil {
								return new(tls.Certificate), nil
							}
							return &x.certs[0], nil
						}}
					s := tls.Client(coretest.Dial(t, p.Addr("gateway")).Conn, cfg)
					err := s.Handshake()
					if err == nil {
						over := coretest.Over(t, s)
						_, _ = s.Write([]byte("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"))
						_, err = over.TryRead("GET") // in TLS 1.3 the client learns of it here
					}
					if (err == nil) != x.served {
						t.Errorf("%v, want it served: %v", err, x.served)
					}
				})
			}
		}
		coretest.Eventually(t, "failures are counted", func() bool {
			return p.Metric(`weir_tls_handshake_failures_total{listener="gateway",reason="client_certificate"}`) >= 2
		})
	}
}

// TestTLSMisdirected: where clients' certificates decide, a connection is for the
// hosts of its certificate alone.
func TestTLSMisdirected(t *testing.T) {
	a := identitytest.New(t)
	up := coretest.Serve(t, hello)
	certs := []identity.Files{
		a.Issue("ab", identitytest.Request{Names: []string{"a.test", "b.test", "*.w.test", "127.0.0.1"}}),
		a.Issue("c", identitytest.Request{Names: []string{"c.test"}}),
	}
	for _, auth := range []string{"none", "optional"} {
		keys := ""
		if auth != "none" {
			keys = "client_auth = \"" + auth + "\"\nclient_ca = \"" + a.File + "\""
		}
		p := coretest.Proxy(t, withTLS(up.Addr, certs, keys))
		for _, c := range []struct {
			sni, host string
			owns      bool
		}{
			{"a.test", "a.test", true}, {"a.test", "A.Test:8443", true}, {"a.test", "b.test", true}, {"a.test", "x.w.test", true},
			{"a.test", "127.0.0.1:443", true}, {"a.test", "c.test", false}, {"a.test", "x.y.w.test", false}, {"a.test", "a.test.evil", false},
			{"c.test", "a.test", false}, {"c.test", "c.test", true}, {"", "a.test", true}, {"", "c.test", false},
			{"a.test", "[::1]", false}, {"a.test", "127.0.0.2", false}, {"unknown.test", "unknown.test", true}, {"unknown.test", "c.test", false},
		} {
			r := getTLS(t, p.Addr("gateway"), c.host, "/", &tls.Config{InsecureSkipVerify: true, ServerName: c.sni})
			want := 200
			if auth != "none" && !c.owns {
				want = 421
			}
			if r.Status != want {
				t.Errorf("client_auth %s, SNI %q, Host %q: %d, want %d", auth, c.sni, c.host, r.Status, want)
			}
		}
	}
}

// TestTLSSessions are resumed over a reload, but not past a demand that is new.
func TestTLSSessions(t *testing.T) {
	a := identitytest.New(t)
	up := coretest.Serve(t, hello)
	site := a.Issue("site", identitytest.Request{Names: []string{"a.test"}})
	plain := withTLS(up.Addr, []identity.Files{site}, "")
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			p := coretest.Proxy(t, plain)
			at := p.Addr("gateway")
			cfg := &tls.Config{RootCAs: a.Pool, ServerName: "a.test", MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(4)}
			resumes := func() bool {
				c := dialTLS(t, at, cfg)
				defer c.Close()
				if r := ask(t, c, "a.test", "/"); r.Status != 200 {
					t.Errorf("%+v", r)
				}
				return c.ConnectionState().DidResume
			}
			reload := func(toml string) {
				t.Helper()
				p.Write(toml)
				if r := p.Admin("POST", "/reload"); r.Status != 200 {
					t.Fatalf("%+v", r)
				}
			}
			if resumes() {
				t.Error("the first is resumed")
			}
			if !resumes() {
				t.Error("the second is not resumed")
			}
			reload(plain + "\n")
			if !resumes() {
				t.Error("not resumed after a reload")
			}
			if p.Metric(`weir_tls_handshakes_total{listener="gateway",resumed="yes"}`) != 2 {
				t.Error("not counted")
			}
			reload(withTLS(up.Addr, []identity.Files{site}, "client_auth = \"optional\"\nclient_ca = \""+a.File+"\""))
			if resumes() {
				t.Error("resumed past client_auth")
			}
			reload(withTLS(up.Addr, []identity.Files{site}, "tickets = \"off\""))
			for range 2 {
				if resumes() {
					t.Error("resumed without tickets")
				}
			}
		})
	}
}

// TestTLSHandshakesThatFail are ended, counted and told.
func TestTLSHandshakesThatFail(t *testing.T) {
	a := identitytest.New(t)
	up := coretest.Serve(t, hello)
	site := a.Issue("site", identitytest.Request{Names: []string{"a.test"}})
	p := coretest.Proxy(t, withTLS(up.Addr, []identity.Files{site}, "min_version = \"1.3\"", "[log]\nlevel = \"debug\"\n"))
	at := p.Addr("gateway")
	counted := func(p *coretest.Running, reason string) func() bool {
		return func() bool {
			return p.Metric(`weir_tls_handshake_failures_total{listener="gateway",reason="`+reason+`"}`) == 1 && p.Log.Has("TLS handshake failed", reason)
		}
	}
	t.Run("plain HTTP", func(t *testing.T) {
		c := coretest.Dial(t, at)
		c.Send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
		if r := c.Read("GET"); r.Status != 400 || !r.Close || !strings.Contains(r.Body, "HTTPS") {
			t.Errorf("%+v", r)
		}
		coretest.Eventually(t, "counted", counted(p, "plain_http"))
	})
	t.Run("something else", func(t *testing.T) {
		c := coretest.Dial(t, at)
		c.Send("SSH-2.0-x\r\n")
		if !c.Closed() {
			t.Error("it is answered")
		}
		coretest.Eventually(t, "counted", counted(p, "not_tls"))
	})
	t.Run("nothing", func(t *testing.T) {
		p := coretest.Proxy(t, withTLS(up.Addr, []identity.Files{site}, "", "[timeouts]\nhead = \"50ms\"\n[log]\nlevel = \"debug\"\n"))
		if !coretest.Dial(t, p.Addr("gateway")).Closed() {
			t.Error("it is answered")
		}
		coretest.Eventually(t, "counted", counted(p, "timeout"))
	})
	t.Run("gone", func(t *testing.T) {
		c := coretest.Dial(t, at)
		c.Send("\x16\x03\x01\x02\x00\x01")
		_ = c.Close()
		coretest.Eventually(t, "counted", counted(p, "client_gone"))
	})
	t.Run("old version", func(t *testing.T) {
		err := tls.Client(coretest.Dial(t, at).Conn, &tls.Config{RootCAs: a.Pool, ServerName: "a.test", MaxVersion: tls.VersionTLS12}).Handshake()
		if err == nil || !strings.Contains(err.Error(), "protocol version") {
			t.Errorf("%v", err)
		}
		coretest.Eventually(t, "counted", counted(p, "version"))
	})
	t.Run("not trusted", func(t *testing.T) {
		err := tls.Client(coretest.Dial(t, at).Conn, &tls.Config{ServerName: "a.test", RootCAs: identitytest.New(t).Pool}).Handshake()
		if err == nil {
			t.Error("it is trusted")
		}
		coretest.Eventually(t, "counted", counted(p, "rejected"))
	})
	coretest.Eventually(t, "all are closed", func() bool { return p.Metric(`weir_connections_open{listener="gateway"}`) == 0 })
}

// TestTLSClientGone: a client that closes is found while its request waits.
func TestTLSClientGone(t *testing.T) {
	a := identitytest.New(t)
	site := a.Issue("site", identitytest.Request{Names: []string{"a.test"}})
	for name, end := range map[string]func(c *tls.Conn, raw *net.TCPConn){
		"close_notify": func(c *tls.Conn, _ *net.TCPConn) { _ = c.Close() },
		"FIN":          func(_ *tls.Conn, raw *net.TCPConn) { _ = raw.Close() },
		"reset":        func(_ *tls.Conn, raw *net.TCPConn) { _ = raw.SetLinger(0); _ = raw.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			asked, left := make(chan bool), make(chan bool)
			up := coretest.Script(t, func(c *coretest.Peer) {
				c.Head()
				close(asked)
				c.Ended() // the proxy goes
				close(left)
			})
			p := coretest.Proxy(t, withTLS(up.Addr, []identity.Files{site}, ""))
			raw := coretest.Dial(t, p.Addr("gateway"))
			c := tls.Client(raw.Conn, &tls.Config{RootCAs: a.Pool, ServerName: "a.test"})
			if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			<-asked
			end(c, raw.Conn.(*net.TCPConn))
			<-left
		})
	}
}
