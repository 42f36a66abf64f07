package server_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// secured is a service with TLS.
type secured struct {
	Addr    string
	conns   atomic.Int64
	resumed atomic.Int64
	names   chan string // that were asked for, as long as somebody looks
}

func serveTLS(t testing.TB, cfg *tls.Config) *secured {
	t.Helper()
	u := &secured{names: make(chan string, 100)}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS.DidResume {
			u.resumed.Add(1)
		}
		select {
		case u.names <- r.TLS.ServerName:
		default:
		}
		who := "nobody"
		if len(r.TLS.PeerCertificates) > 0 {
			who = r.TLS.PeerCertificates[0].Subject.CommonName
		}
		fmt.Fprintf(w, "hello, %s, by %s", who, r.TLS.NegotiatedProtocol)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			u.conns.Add(1)
		}
	}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // failures are what tests are about
	s.TLS = cfg
	u.Addr = s.Listener.Addr().String()
	s.StartTLS()
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return u
}

func TestUpstreamTLS(t *testing.T) {
	a, stranger := identitytest.New(t), identitytest.New(t)
	site := a.Pair(a.Issue("site", identitytest.Request{Names: []string{"up.test", "127.0.0.1"}}))
	client := a.Issue("client", identitytest.Request{Names: []string{"proxy"}})
	roots := "roots = \"" + a.File + "\"\n"
	own := fmt.Sprintf("cert = %q\nkey = %q\n", client.Cert, client.Key)
	for _, c := range []struct {
		name, keys string
		serves     *tls.Config
		status     int
		body, log  string
	}{
		{"by address", roots, &tls.Config{}, 200, "hello, nobody, by http/1.1", ""},
		{"by name", roots + "server_name = \"up.test\"\n", &tls.Config{}, 200, "hello, nobody", ""},
		{"another name", roots + "server_name = \"other.test\"\n", &tls.Config{}, 502, "", "not other.test"},
		{"not trusted", "roots = \"" + stranger.File + "\"\n", &tls.Config{}, 502, "", "unknown authority"},
		{"insecure", "insecure = true\n", &tls.Config{}, 200, "hello", "takes any certificate"},
		{"client certificate", roots + own, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.Pool}, 200, "hello, proxy", ""},
		{"without client certificate", roots, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.Pool, MaxVersion: tls.VersionTLS12}, 502, "", ""},
		{"old version", roots + "min_version = \"1.3\"\n", &tls.Config{MaxVersion: tls.VersionTLS12}, 502, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.serves.Certificates = []tls.Certificate{site}
			up := serveTLS(t, c.serves)
			p := coretest.Proxy(t, upstreamTLS(up.Addr, c.keys))
			client := coretest.Dial(t, p.Addr("gateway"))
			for range 3 {
				client.Send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
				r := client.Read("GET")
				if r.Status != c.status || c.body != "" && !strings.HasPrefix(r.Body, c.body) {
					t.Errorf("%+v, want %d %q", r, c.status, c.body)
				}
			}
			if n := up.conns.Load(); c.status == 200 && n != 1 {
				t.Errorf("%d connections for three requests in turn", n)
			}
			if c.log != "" && !p.Log.Has(c.log, "up") {
				t.Errorf("the log does not say %q", c.log)
			}
		})
	}
}

// TestUpstreamTLSResumes opens a second connection by the first one's session.
func TestUpstreamTLSResumes(t *testing.T) {
	a := identitytest.New(t)
	up := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{a.Pair(a.Issue("site", identitytest.Request{Names: []string{"127.0.0.1"}}))}})
	toml := strings.Replace(upstreamTLS(up.Addr, "roots = \""+a.File+"\"\n"), "endpoints =", "max_age = \"100ms\"\nendpoints =", 1)
	p := coretest.Proxy(t, toml)
	coretest.Eventually(t, "a session is resumed", func() bool {
		return coretest.Get(t, p.Addr("gateway"), "/").Status == 200 && up.resumed.Load() > 0
	})
}

// TestUpstreamThatIsNotTrustedIsLeft: another endpoint is asked, and one alone is
// not asked twice.
func TestUpstreamThatIsNotTrustedIsLeft(t *testing.T) {
	a, stranger := identitytest.New(t), identitytest.New(t)
	names := identitytest.Request{Names: []string{"127.0.0.1"}}
	good := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{a.Pair(a.Issue("good", names))}})
	bad := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{stranger.Pair(stranger.Issue("bad", names))}})
	both := strings.Replace(upstreamTLS(good.Addr, "roots = \""+a.File+"\"\n"), "endpoints = [", "balance = \"round_robin\"\nendpoints = [\""+bad.Addr+"\", ", 1)
	p := coretest.Proxy(t, both)
	for range 6 {
		if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 200 {
			t.Errorf("%+v", r)
		}
	}
	alone := coretest.Proxy(t, upstreamTLS(bad.Addr, "roots = \""+a.File+"\"\n"))
	before := bad.conns.Load()
	if r := coretest.Get(t, alone.Addr("gateway"), "/"); r.Status != 502 || bad.conns.Load() != before+1 {
		t.Errorf("%+v after %d connections, want 502 after one", r, bad.conns.Load()-before)
	}
}

// TestUpstreamTLSStalls: a handshake has the time that connecting has.
func TestUpstreamTLSStalls(t *testing.T) {
	up := coretest.Script(t, func(c *coretest.Peer) { c.Ended() })
	toml := strings.Replace(upstreamTLS(up.Addr, "insecure = true\n"), "endpoints =", "connect_timeout = \"50ms\"\nendpoints =", 1)
	if r := coretest.Get(t, coretest.Proxy(t, toml).Addr("gateway"), "/"); r.Status != 504 {
		t.Errorf("%+v, want 504", r)
	}
}

// TestUpstreamTLSClientCertificateChanges: connections to come show the new one.
func TestUpstreamTLSClientCertificateChanges(t *testing.T) {
	a := identitytest.New(t)
	up := serveTLS(t, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.Pool, SessionTicketsDisabled: true,
		Certificates: []tls.Certificate{a.Pair(a.Issue("site", identitytest.Request{Names: []string{"127.0.0.1"}}))}})
	client := a.Issue("client", identitytest.Request{Names: []string{"before"}})
	keys := fmt.Sprintf("roots = %q\ncert = %q\nkey = %q\n", a.File, client.Cert, client.Key)
	p := coretest.Proxy(t, strings.Replace(upstreamTLS(up.Addr, keys), "endpoints =", "max_age = \"100ms\"\nendpoints =", 1))
	if r := coretest.Get(t, p.Addr("gateway"), "/"); !strings.Contains(r.Body, "before") {
		t.Fatalf("%+v", r)
	}
	a.Renew(client, identitytest.Request{Names: []string{"after"}, Ends: time.Now().Add(time.Hour)})
	coretest.Eventually(t, "the new one is shown", func() bool {
		return strings.Contains(coretest.Get(t, p.Addr("gateway"), "/").Body, "after")
	})
}
