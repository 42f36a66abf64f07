// Package identitytest makes the certificates of tests: nothing of that kind
// lies in the repository, and none is older than its test.
//
// Start at [New].
package identitytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity"
)

// Authority signs certificates.
type Authority struct {
	File string // of its own certificate
	Pool *x509.CertPool

	t    testing.TB
	dir  string
	cert *x509.Certificate
	key  crypto.Signer
}

// New makes an authority, whose files go when the test ends.
func New(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t, dir: t.TempDir(), Pool: x509.NewCertPool()}
	a.key = newKey(t)
	template := &x509.Certificate{
		SerialNumber: serial(t), Subject: pkix.Name{CommonName: "authority of a test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.Pool.AddCert(a.cert)
	a.File = filepath.Join(a.dir, "authority.pem")
	writePEM(t, a.File, "CERTIFICATE", der)
	return a
}

// Request is what a certificate shall be.
type Request struct {
	Names      []string // DNS names and addresses; the first is the common name too
	URI        string
	URIs       []string  // further ones
	RSA        bool      // else P-256
	From, Ends time.Time // default: an hour ago, in a day

	Change func(*x509.Certificate) // spoils it, if it is not nil
}

// Issue makes a certificate in files of a name.
func (a *Authority) Issue(file string, r Request) identity.Files {
	a.t.Helper()
	f := identity.Files{Cert: filepath.Join(a.dir, file+".pem"), Key: filepath.Join(a.dir, file+".key")}
	a.Renew(f, r)
	return f
}

// Renew makes a certificate in the place of another, each file in one step.
func (a *Authority) Renew(f identity.Files, r Request) {
	a.t.Helper()
	var key crypto.Signer = newKey(a.t)
	if r.RSA {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			a.t.Fatal(err)
		}
		key = k
	}
	template := &x509.Certificate{
		SerialNumber: serial(a.t), NotBefore: r.From, NotAfter: r.Ends,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if r.From.IsZero() {
		template.NotBefore = time.Now().Add(-time.Hour)
	}
	if r.Ends.IsZero() {
		template.NotAfter = time.Now().Add(24 * time.Hour)
	}
	for _, name := range r.Names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	if len(r.Names) > 0 {
		template.Subject = pkix.Name{CommonName: r.Names[0], Organization: []string{"Weir"}}
	}
	if r.URI != "" {
		u, err := url.Parse(r.URI)
		if err != nil {
			a.t.Fatal(err)
		}
		template.URIs = []*url.URL{u}
	}
	for _, text := range r.URIs {
		u, err := url.Parse(text)
		if err != nil {
			a.t.Fatal(err)
		}
		template.URIs = append(template.URIs, u)
	}
	if r.Change != nil {
		r.Change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	writePEM(a.t, f.Key, "PRIVATE KEY", pkcs8)
	writePEM(a.t, f.Cert, "CERTIFICATE", der)
}

// Pair reads files that were issued.
func (a *Authority) Pair(f identity.Files) tls.Certificate {
	a.t.Helper()
	c, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func serial(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// writePEM replaces a file in one step.
func writePEM(t testing.TB, path, kind string, der []byte) {
	t.Helper()
	next := path + ".next"
	if err := os.WriteFile(next, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
}
