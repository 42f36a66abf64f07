package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
)

// Root is a certificate that others are trusted by, and its key.
type Root struct {
	Cert *x509.Certificate
	key  crypto.Signer
}

// newRoot makes a root of a trust domain (X509-SVID, section 4.1: its own ID is the
// trust domain's).
func newRoot(domain spiffeid.TrustDomain, life time.Duration, now time.Time) (*Root, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a root's key: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber: serial(now), Subject: pkix.Name{CommonName: "weir authority of " + domain.Name()},
		NotBefore: now.Add(-backdate(life)), NotAfter: now.Add(life),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, URIs: []*url.URL{domain.ID().URL()},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making a root: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	return &Root{cert, key}, err
}

// issue signs an SVID (X509-SVID, section 4): one URI, no authority, for both sides
// of TLS. It ends with the root at the latest.
func (r *Root) issue(public crypto.PublicKey, id spiffeid.ID, life time.Duration, now time.Time) (*x509.Certificate, error) {
	return r.sign(public, &x509.Certificate{
		URIs:        []*url.URL{id.URL()},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, life, now)
}

// issueServer signs the certificate of the authority's own door. It has no URI, so
// that nobody takes it for a member's.
func (r *Root) issueServer(public crypto.PublicKey, names []string, life time.Duration, now time.Time) (*x509.Certificate, error) {
	t := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, name)
		}
	}
	return r.sign(public, t, life, now)
}

func (r *Root) sign(public crypto.PublicKey, t *x509.Certificate, life time.Duration, now time.Time) (*x509.Certificate, error) {
	t.SerialNumber, t.KeyUsage, t.BasicConstraintsValid = serial(now), x509.KeyUsageDigitalSignature, true
	t.NotBefore, t.NotAfter = now.Add(-backdate(life)), now.Add(life)
	if t.NotAfter.After(r.Cert.NotAfter) {
		t.NotAfter = r.Cert.NotAfter
	}
	if !t.NotAfter.After(now) {
		return nil, errors.New("the root that signs has expired; rotate to a new one")
	}
	der, err := x509.CreateCertificate(rand.Reader, t, r.Cert, public, r.key)
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// Pin is the SHA-256 of the root's public key (SubjectPublicKeyInfo), in hex.
func (r *Root) Pin() string {
	sum := sha256.Sum256(r.Cert.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// backdate is how far ahead of time a certificate begins: clocks differ.
func backdate(life time.Duration) time.Duration { return min(time.Minute, life/10) }

func certPEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

func keyPEM(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("writing a private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
