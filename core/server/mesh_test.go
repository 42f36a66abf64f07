package server_test

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// TestMesh: two sidecars, an app behind the second, over HTTP/1.1 and HTTP/2.
func TestMesh(t *testing.T) {
	a := identitytest.New(t)
	for protocol, alpn := range map[string]string{"http1": "http/1.1", "auto": "h2"} {
		t.Run(protocol, func(t *testing.T) {
			orders := coretest.Proxy(t, member{identity: identityTable(svid(a, ordersID), a.File), app: said(t, "orders").Addr}.toml())
			web := coretest.Proxy(t, member{identity: identityTable(svid(a, webID), a.File), peer: orders.Addr("inbound"), protocol: protocol}.toml())
			client := coretest.Dial(t, web.Addr("outbound"))
			for range 3 {
				client.Send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n")
				if r := client.Read("GET"); r.Status != 200 || r.Body != "orders" {
					t.Errorf("%+v", r)
				}
			}
			if n := orders.Metric(`weir_tls_handshakes_total{listener="inbound",resumed="no"}`); n != 1 {
				t.Errorf("%v handshakes for three requests in turn", n)
			}
			c := dialTLS(t, orders.Addr("inbound"), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{alpn},
				Certificates: []tls.Certificate{a.Pair(svid(a, webID))}})
			if got := c.ConnectionState().NegotiatedProtocol; got != alpn {
				t.Errorf("%q is negotiated, want %q", got, alpn)
			}
			if w := web.Metric(`weir_certificate_expiry_timestamp_seconds{certificate="` + svid(a, webID).Cert + `",name="` + webID + `"}`); w < float64(time.Now().Unix()) {
				t.Errorf("the identity ends at %v, by the metrics", w)
			}
		})
	}
}

// TestMeshRefusals: who is not believed, on either side.
func TestMeshRefusals(t *testing.T) {
	a, b := identitytest.New(t), identitytest.New(t)
	ordersOf := func(f string) string { return identityTable(svid(a, ordersID), a.File, f) }
	for _, c := range []struct {
		name, orders, web string // tables
		peers             string
		status            int
		inbound           float64 // handshakes that orders refuses
		log               string  // of web
	}{
		{"the same authority", ordersOf(""), identityTable(svid(a, webID), a.File), ordersID, 200, 0, ""},
		{"all below a path", ordersOf(""), identityTable(svid(a, webID), a.File), "spiffe://a.test/*", 200, 0, ""},
		{"another ID", ordersOf(""), identityTable(svid(a, webID), a.File), "spiffe://a.test/payments", 502, 0, "none of its peers"},
		{"another authority of the same name", ordersOf(""), identityTable(svid(b, webID), b.File), ordersID, 502, 0, "could not verify"},
		{"another trust domain", ordersOf(""), identityTable(svid(b, "spiffe://b.test/web"), b.File), ordersID, 502, 0, "no X.509 bundle"},
		{"another, believed on one side", ordersOf(""), identityTable(svid(b, "spiffe://b.test/web"), b.File, "bundles = { \"a.test\" = \""+a.File+"\" }"), ordersID, 502, 1, ""},
		{"another, believed on both", ordersOf("bundles = { \"b.test\" = \"" + b.File + "\" }"),
			identityTable(svid(b, "spiffe://b.test/web"), b.File, "bundles = { \"a.test\" = \""+a.File+"\" }"), ordersID, 200, 0, ""},
		{"a root for one domain is none for another", ordersOf("bundles = { \"b.test\" = \"" + b.File + "\" }"), identityTable(svid(b, webID), b.File), ordersID, 502, 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			orders := coretest.Proxy(t, member{identity: c.orders, app: said(t, "orders").Addr}.toml())
			web := coretest.Proxy(t, member{identity: c.web, peer: orders.Addr("inbound"), peers: c.peers}.toml())
			if r := from(t, web.Addr("outbound"), "orders", "/"); r.Status != c.status {
				t.Errorf("%+v, want %d", r, c.status)
			}
			if c.log != "" && !web.Log.Has("not trusted", c.log) {
				t.Errorf("the log does not say %q", c.log)
			}
			if c.inbound > 0 {
				coretest.Eventually(t, "the refusal is counted", func() bool {
					return orders.Metric(`weir_tls_handshake_failures_total{listener="inbound",reason="client_certificate"}`) >= c.inbound
				})
			}
		})
	}
}
