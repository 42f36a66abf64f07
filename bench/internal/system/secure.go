package system

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// KeyKind is the kind of a server's private key.
type KeyKind string

// The kinds.
const (
	P256    KeyKind = "p256"
	RSA2048 KeyKind = "rsa"
)

// Secured are the systems that speak TLS 1.3 to clients, by X25519 and without
// resuming sessions, all with the same key.
func Secured(kind KeyKind) []System {
	all := []System{
		{Name: "nginx+tls", binary: nginx, spec: nginxSpec},
		{Name: "envoy+tls", binary: envoy, spec: envoySpec},
		{Name: "weir+tls", binary: weir, spec: weirSpec},
	}
	for i := range all {
		all[i].key = kind
		if kind != P256 {
			all[i].Name += "-" + string(kind)
		}
	}
	return all
}

// pair are the files of a kind's certificate and key.
func (s *Setup) pair(kind KeyKind) (cert, key string) {
	if kind == "" {
		return "", ""
	}
	return filepath.Join(s.Dir, string(kind)+".pem"), filepath.Join(s.Dir, string(kind)+".key")
}

// certify makes the certificates that the systems show.
func (s *Setup) certify(systems []System) error {
	made := map[KeyKind]bool{"": true}
	paired := false
	for _, sys := range systems {
		paired = paired || sys.hop != alone
		if made[sys.key] {
			continue
		}
		made[sys.key] = true
		if err := s.certificate(sys.key); err != nil {
			return fmt.Errorf("making a certificate of kind %q: %w", sys.key, err)
		}
	}
	if !paired {
		return nil
	}
	if err := s.introduce(); err != nil {
		return fmt.Errorf("making the certificates of pairs: %w", err)
	}
	return nil
}

func (s *Setup) certificate(kind KeyKind) error {
	key, err := newKey(kind)
	if err != nil {
		return err
	}
	template := newCertificate(x509.KeyUsageDigitalSignature)
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.DNSNames, template.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)}
	certFile, keyFile := s.pair(kind)
	return issue(template, template, key, key, certFile, keyFile)
}

func newKey(kind KeyKind) (crypto.Signer, error) {
	if kind == RSA2048 {
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

// newCertificate is one for a run that is over within a day.
func newCertificate(usage x509.KeyUsage) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), KeyUsage: usage,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		BasicConstraintsValid: true,
	}
}

// issue signs a certificate for key by that of parent and writes both files. No file
// is made for a key whose name is "".
func issue(template, parent *x509.Certificate, key, by crypto.Signer, certFile, keyFile string) error {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		return err
	}
	if err := os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil || keyFile == "" {
		return err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600)
}
