package system

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
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

// certify makes the certificates that the systems show, each once in a run: those
// that were started before have them.
func (s *Setup) certify(systems []System) error {
	if s.shown == nil {
		s.shown = map[KeyKind]bool{"": true}
	}
	for _, sys := range systems {
		if sys.hop != alone && !s.paired {
			if err := s.introduce(); err != nil {
				return fmt.Errorf("making the identities of pairs: %w", err)
			}
			s.paired = true
		}
		kind := sys.key
		if sys.hop == front && sys.second().namedByDNS() {
			kind = P256
		}
		if s.shown[kind] {
			continue
		}
		if err := s.certificate(kind); err != nil {
			return fmt.Errorf("making a certificate of kind %q: %w", kind, err)
		}
		s.shown[kind] = true
	}
	return nil
}

func (s *Setup) certificate(kind KeyKind) error {
	key, err := newKey(kind)
	if err != nil {
		return err
	}
	// It is for a run that is over within a day.
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		NotBefore:   time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		BasicConstraintsValid: true,
		DNSNames:              []string{localhost}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
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
	return errors.Join(writePEM(certFile, "CERTIFICATE", der), writePEM(keyFile, "PRIVATE KEY", pkcs8))
}

// localhost is the name in that certificate.
const localhost = "localhost"

func newKey(kind KeyKind) (crypto.Signer, error) {
	if kind == RSA2048 {
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func writePEM(file, kind string, der []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
