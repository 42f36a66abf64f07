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

// believe holds the authority to the roots of the bundle that we have, or, while we
// have no identity, to the root of the pin, and to the name that it is asked by: that of the URL, since the
// connection's state has none where it is an address.
func (m *Member) believe(state tls.ConnectionState) error {
	certs := state.PeerCertificates
	switch {
	case len(certs) == 0:
		return errors.New("the authority shows no certificate")
	case len(certs[0].URIs) > 0:
		return errors.New("the authority shows a certificate with a URI: that of a member")
	}
	roots, known := m.roots()
	if !m.valid() { // the pin is for who joins: its root may be gone long since
		for _, c := range certs[1:] {
			sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
			if m.opt.Pin != "" && strings.EqualFold(hex.EncodeToString(sum[:]), m.opt.Pin) {
				roots.AddCert(c)
				known = true
			}
		}
	}
	if !known {
		return fmt.Errorf("none of its roots is the pin's, and there is no bundle in %q; see identity.authority.pin", m.opt.Bundle)
	}
	_, err := certs[0].Verify(x509.VerifyOptions{DNSName: m.name, Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	return err
}

// roots are those of the bundle's file; where that has none any more, those by which
// we trust others now.
func (m *Member) roots() (roots *x509.CertPool, known bool) {
	roots = x509.NewCertPool()
	if pem, err := os.ReadFile(m.opt.Bundle); err == nil && roots.AppendCertsFromPEM(pem) {
		return roots, true
	}
	if own := m.workload.Current(); own != nil {
		for _, root := range own.Roots() {
			roots.AddCert(root)
			known = true
		}
	}
	return roots, known
}
