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
	for _, sys := range systems {
		if made[sys.key] {
			continue
		}
		made[sys.key] = true
		if err := s.certificate(sys.key); err != nil {
			return fmt.Errorf("making a certificate of kind %q: %w", sys.key, err)
		}
	}
	return nil
}

func (s *Setup) certificate(kind KeyKind) error {
	var key crypto.Signer
	var err error
	if kind == RSA2048 {
		key, err = rsa.GenerateKey(rand.Reader, 2048)
	} else {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	certFile, keyFile := s.pair(kind)
	if err := os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600)
}
