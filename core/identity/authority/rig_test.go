package authority_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity/authority"
)

const (
	web    = "spiffe://a.test/web"
	orders = "spiffe://a.test/orders"
)

// create makes an authority of a.test.
func create(t testing.TB, now time.Time) (*authority.Authority, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "ca")
	a, err := authority.Create(dir, authority.Options{TrustDomain: "a.test", Life: 24 * time.Hour, SVIDLife: time.Hour}, now)
	if err != nil {
		t.Fatal(err)
	}
	return a, dir
}

// door is a server of an authority, and who asks it.
type door struct {
	t    testing.TB
	at   string
	pool *x509.CertPool
}

func open(t testing.TB, a *authority.Authority) *door {
	t.Helper()
	return openLogged(t, a, io.Discard)
}

func openLogged(t testing.TB, a *authority.Authority, log io.Writer) *door {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := authority.NewServer(a, []string{"127.0.0.1", "ca.test"}, slog.New(slog.NewTextHandler(log, nil)))
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	d := &door{t: t, at: "https://" + l.Addr().String(), pool: x509.NewCertPool()}
	b, err := a.Bundle()
	if err != nil || !d.pool.AppendCertsFromPEM(b) {
		t.Fatal(err)
	}
	return d
}

// ask sends a body, by a client that shows a certificate, if it has one.
func (d *door) ask(method, path string, body []byte, shown ...tls.Certificate) (status int, answer string, header http.Header) {
	d.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: d.pool, Certificates: shown}}}
	r, err := http.NewRequest(method, d.at+path, bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, string(b), resp.Header
}

// request is a request's JSON.
func request(t testing.TB, csr, token string) []byte {
	t.Helper()
	b, err := json.Marshal(authority.Request{CSR: csr, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// csr is a certificate request, PEM.
func csr(t testing.TB, key crypto.Signer, r x509.CertificateRequest, uris ...string) string {
	t.Helper()
	for _, u := range uris {
		parsed, err := url.Parse(u)
		if err != nil {
			t.Fatal(err)
		}
		r.URIs = append(r.URIs, parsed)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &r, key)
	if err != nil {
		t.Fatal(err)
	}
	return toPEM(der)
}

func toPEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

// member is an identity that was issued, as a client shows it.
func member(t testing.TB, a *authority.Authority, id string, life time.Duration, now time.Time) tls.Certificate {
	t.Helper()
	got, err := a.Issue(id, life, now)
	if err != nil {
		t.Fatal(err)
	}
	c, err := tls.X509KeyPair(got.Chain, got.Key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// token makes a join token.
func token(t testing.TB, a *authority.Authority, id string) string {
	t.Helper()
	s, err := a.Token(id, time.Hour, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return s
}
