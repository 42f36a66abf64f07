package server_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

func TestTLSServes(t *testing.T) {
	a := identitytest.New(t)
	up := coretest.Serve(t, hello)
	site := a.Issue("site", identitytest.Request{Names: []string{"a.test"}})
	p := coretest.Proxy(t, withTLS(up.Addr, []identity.Files{site}, ""))
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.Pool, ServerName: "a.test", MaxVersion: version}}
			defer transport.CloseIdleConnections()
			c := &http.Client{Transport: transport}
			for _, size := range []int{1, 10 << 10, 3 << 20} {
				body := strings.Repeat("x", size)
				resp, err := c.Post("https://"+p.Addr("gateway")+"/", "text/plain", strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || string(got) != body || resp.StatusCode != 200 {
					t.Errorf("status %d, %d of %d bytes, %v", resp.StatusCode, len(got), size, err)
				}
			}
		})
	}
}

// TestTLSCertificateByName asks for names, and for none.
func TestTLSCertificateByName(t *testing.T) {
	a := identitytest.New(t)
	up := coretest.Serve(t, hello)
	certs := []identity.Files{
		a.Issue("first", identitytest.Request{Names: []string{"first.test", "127.0.0.1"}}),
		a.Issue("wild", identitytest.Request{Names: []string{"*.b.test"}}),
		a.Issue("exact", identitytest.Request{Names: []string{"x.b.test"}}),
		a.Issue("rsa", identitytest.Request{Names: []string{"x.b.test", "rsa.test"}, RSA: true}),
	}
	for _, strict := range []bool{false, true} {
		keys := map[bool]string{false: "", true: "strict_sni = true"}[strict]
		p := coretest.Proxy(t, withTLS(up.Addr, certs, keys))
		at := p.Addr("gateway")
		for _, c := range []struct {
			asks, gets string
			rsa        bool // all the client can check
		}{
			{"first.test", "first.test", false},
			{"FIRST.test", "first.test", false},
			{"x.b.test", "x.b.test", false},
			{"x.b.test", "x.b.test", true},
			{"y.b.test", "*.b.test", false},
			{"rsa.test", "x.b.test", false},
			{"z.y.b.test", "", false},
			{"b.test", "", false},
			{"none.test", "", false},
			{"", "", false},
		} {
			cfg := &tls.Config{InsecureSkipVerify: true, ServerName: c.asks}
			if c.rsa {
				cfg.MaxVersion, cfg.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
			}
			if strict && c.gets == "" {
				err := tls.Client(coretest.Dial(t, at).Conn, cfg).Handshake()
				if err == nil || !strings.Contains(err.Error(), "unrecognized name") {
					t.Errorf("%q is answered %v, want unrecognized_name", c.asks, err)
				}
				continue
			}
			want := c.gets
			if want == "" {
				want = "first.test"
			}
			got := shown(t, at, cfg)
			if got.Subject.CommonName != want || c.rsa != (got.PublicKeyAlgorithm == x509.RSA && c.asks == "x.b.test") {
				t.Errorf("%q gets %s (%v), want %s", c.asks, got.Subject.CommonName, got.PublicKeyAlgorithm, want)
			}
		}
		coretest.Eventually(t, "refusals are counted", func() bool {
			return !strict || p.Metric(`weir_tls_handshake_failures_total{listener="gateway",reason="unknown_name"}`) == 4
		})
	}
}

// TestTLSCertificateFilesChange renews a certificate below an open connection, and
// breaks it.
func TestTLSCertificateFilesChange(t *testing.T) {
	a := identitytest.New(t)
	up := coretest.Serve(t, hello)
	site := a.Issue("site", identitytest.Request{Names: []string{"a.test"}})
	p := coretest.Proxy(t, withTLS(up.Addr, []identity.Files{site}, ""))
	at, cfg := p.Addr("gateway"), &tls.Config{RootCAs: a.Pool, ServerName: "a.test"}
	old := dialTLS(t, at, cfg)
	before := old.ConnectionState().PeerCertificates[0].SerialNumber
	a.Renew(site, identitytest.Request{Names: []string{"a.test"}, Ends: time.Now().Add(time.Hour), From: time.Now().Add(-24 * time.Hour)})
	coretest.Eventually(t, "the new certificate is shown", func() bool { return shown(t, at, cfg).SerialNumber.Cmp(before) != 0 })
	if r := ask(t, old, "a.test", "/"); r.Status != 200 {
		t.Errorf("the connection from before: %+v", r)
	}
	coretest.Eventually(t, "its end is told of", func() bool { return p.Log.Has("a certificate ends soon", site.Cert) })
	now := shown(t, at, cfg).SerialNumber

	other := a.Issue("other", identitytest.Request{Names: []string{"a.test"}})
	a.Renew(identity.Files{Cert: site.Cert, Key: other.Key}, identitytest.Request{Names: []string{"a.test"}}) // the key is another's
	coretest.Eventually(t, "the mistake is told", func() bool { return p.Log.Has("cannot be used", site.Cert, "ERROR") })
	if shown(t, at, cfg).SerialNumber.Cmp(now) != 0 {
		t.Error("what cannot be used is shown")
	}
	if r := p.Admin("POST", "/reload"); r.Status != 422 || !strings.Contains(r.Body, "gateway.tls.certificates[0].cert") {
		t.Errorf("a reload with it: %+v", r)
	}
	if r := getTLS(t, at, "a.test", "/", cfg); r.Status != 200 {
		t.Errorf("%+v", r)
	}
}

// TestTLSProblemsHaveLines: a file that cannot be used is found before we serve.
func TestTLSProblemsHaveLines(t *testing.T) {
	a := identitytest.New(t)
	one, two := a.Issue("one", identitytest.Request{Names: []string{"a.test"}}), a.Issue("two", identitytest.Request{Names: []string{"b.test"}})
	toml := withTLS("127.0.0.1:1", []identity.Files{{Cert: one.Cert, Key: two.Key}, {Cert: "missing.pem", Key: one.Key}, {Cert: one.Key, Key: one.Key}},
		"client_auth = \"required\"\nclient_ca = \"none.pem\"") + "[clusters.up.tls]\nroots = \"nowhere.pem\"\n"
	_, err := coretest.Start(t, toml, coretest.Options{})
	if err == nil {
		t.Fatal("it started")
	}
	for _, want := range []string{"proxy.toml:6: gateway.tls.certificates[0].cert: ", "private key does not match", "certificates[1].cert: reading the certificate: ", "no such file",
		"certificates[2].cert: ", "proxy.toml:8: gateway.tls.client_ca: ", "clusters.up.tls.roots: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\ndoes not say %q", err, want)
		}
	}
}
