package server_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// TestMeshPeers: what may come to inbound, by what it shows.
func TestMeshPeers(t *testing.T) {
	a := identitytest.New(t)
	p := coretest.Proxy(t, member{identity: identityTable(svid(a, ordersID), a.File), app: said(t, "orders").Addr, rest: "[log]\naccess = \"stdout\"\n"}.toml())
	for _, c := range []struct {
		name   string
		shown  *identitytest.Request
		served bool
	}{
		{"nothing", nil, false},
		{"an SVID", &identitytest.Request{URI: webID}, true},
		{"an SVID of RSA", &identitytest.Request{URI: webID, RSA: true}, true},
		{"an SVID with a DNS name", &identitytest.Request{URI: webID, Names: []string{"web.test"}}, true},
		{"no URI", &identitytest.Request{Names: []string{"web.test"}}, false},
		{"a URI that is no SPIFFE ID", &identitytest.Request{URI: "https://a.test/web"}, false},
		{"a trust domain", &identitytest.Request{URI: "spiffe://a.test"}, false},
		{"an ID that is malformed", &identitytest.Request{URI: "spiffe://a.test/web/"}, false},
		{"another trust domain, by our root", &identitytest.Request{URI: "spiffe://b.test/web"}, false},
		{"a trust domain in capitals", &identitytest.Request{URI: "spiffe://A.test/web"}, false},
		{"a user", &identitytest.Request{URI: "spiffe://web@a.test/web"}, false},
		{"a query", &identitytest.Request{URI: "spiffe://a.test/web?admin"}, false},
		{"a fragment", &identitytest.Request{URI: "spiffe://a.test/web#admin"}, false},
		{"dot segments", &identitytest.Request{URI: "spiffe://a.test/x/../web"}, false},
		{"an empty segment", &identitytest.Request{URI: "spiffe://a.test//web"}, false},
		{"an escape", &identitytest.Request{URI: "spiffe://a.test/we%62"}, false},
		{"two SPIFFE IDs", &identitytest.Request{URI: webID, URIs: []string{ordersID}}, false},
		{"two URIs", &identitytest.Request{URI: webID, Change: func(c *x509.Certificate) { c.URIs = append(c.URIs, &url.URL{Scheme: "https", Host: "x"}) }}, false},
		{"an authority", &identitytest.Request{URI: webID, Change: func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }}, false},
		{"one that may sign", &identitytest.Request{URI: webID, Change: func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCertSign }}, false},
		{"one that may sign lists", &identitytest.Request{URI: webID, Change: func(c *x509.Certificate) { c.KeyUsage |= x509.KeyUsageCRLSign }}, false},
		{"expired", &identitytest.Request{URI: webID, Ends: time.Now().Add(-time.Second)}, false},
		{"not yet", &identitytest.Request{URI: webID, From: time.Now().Add(time.Hour)}, false},
	} {
		for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				cfg := &tls.Config{InsecureSkipVerify: true, MaxVersion: version}
				if c.shown != nil {
					cfg.Certificates = []tls.Certificate{a.Pair(a.Issue("peer", *c.shown))}
				}
				s := tls.Client(coretest.Dial(t, p.Addr("inbound")).Conn, cfg)
				err := s.Handshake()
				if err == nil {
					_, _ = s.Write([]byte("GET / HTTP/1.1\r\nHost: any.test\r\n\r\n"))
					_, err = coretest.Over(t, s).TryRead("GET") // in TLS 1.3 the client learns of it here
				}
				if (err == nil) != c.served {
					t.Errorf("%v, want it served: %v", err, c.served)
				}
			})
		}
	}
	coretest.Eventually(t, "refusals are counted", func() bool {
		return p.Metric(`weir_tls_handshake_failures_total{listener="inbound",reason="client_certificate"}`) == 40
	})
}

// TestMeshPermissive: members show who they are, others come in clear; who shows
// something else is refused.
func TestMeshPermissive(t *testing.T) {
	a, stranger := identitytest.New(t), identitytest.New(t)
	p := coretest.Proxy(t, member{identity: identityTable(svid(a, ordersID), a.File), app: said(t, "orders").Addr, mtls: "permissive"}.toml())
	web := coretest.Proxy(t, member{identity: identityTable(svid(a, webID), a.File), peer: p.Addr("inbound"), protocol: "auto"}.toml())
	for range 2 {
		if r := coretest.Get(t, p.Addr("inbound"), "/"); r.Status != 200 || r.Body != "orders" {
			t.Errorf("in clear: %+v", r)
		}
		if r := coretest.Get(t, web.Addr("outbound"), "/"); r.Status != 200 || r.Body != "orders" {
			t.Errorf("by a member: %+v", r)
		}
	}
	c := coretest.Dial(t, p.Addr("inbound"))
	for _, piece := range []string{"G", "ET / HT", "TP/1.1\r\nHost: a\r\n\r\n"} {
		c.Send(piece)
	}
	if r := c.Read("GET"); r.Status != 200 {
		t.Errorf("in clear, in pieces: %+v", r)
	}
	fake := stranger.Pair(svid(stranger, webID))
	s := tls.Client(coretest.Dial(t, p.Addr("inbound")).Conn, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{fake}, MaxVersion: tls.VersionTLS12})
	if s.Handshake() == nil {
		t.Error("a stranger's identity is taken")
	}
	off := coretest.Proxy(t, member{identity: identityTable(svid(a, ordersID), a.File), app: said(t, "orders").Addr, mtls: "off"}.toml())
	if r := coretest.Get(t, off.Addr("inbound"), "/"); r.Status != 200 {
		t.Errorf("off: %+v", r)
	}
}
