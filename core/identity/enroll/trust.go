package enroll

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
)

// believe holds the authority to the roots of the bundle that we have, or to the
// root of the pin, and to its name.
func (m *Member) believe(state tls.ConnectionState) error {
	certs := state.PeerCertificates
	if len(certs) == 0 {
		return errors.New("the authority shows no certificate")
	}
	roots := x509.NewCertPool()
	known := false
	if pem, err := os.ReadFile(m.opt.Bundle); err == nil {
		known = roots.AppendCertsFromPEM(pem)
	}
	for _, c := range certs[1:] {
		sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
		if m.opt.Pin != "" && strings.EqualFold(hex.EncodeToString(sum[:]), m.opt.Pin) {
			roots.AddCert(c)
			known = true
		}
	}
	if !known {
		return fmt.Errorf("none of its roots is the pin's, and there is no bundle in %q; see identity.authority.pin", m.opt.Bundle)
	}
	_, err := certs[0].Verify(x509.VerifyOptions{DNSName: state.ServerName, Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	return err
}
