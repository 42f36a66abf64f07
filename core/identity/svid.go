package identity

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"

	"github.com/weirproxy/weir/core/stream"
)

// SVID is who this process is (SPIFFE X509-SVID), and by whom it trusts others.
type SVID struct {
	ID spiffeid.ID
	tls.Certificate
	Told *stream.Certificate // the leaf

	bundles *x509bundle.Set // roots, by trust domain
}

// Ends is when it is of no more use.
func (s *SVID) Ends() time.Time { return s.Leaf.NotAfter }

// Roots are those of its own trust domain.
func (s *SVID) Roots() []*x509.Certificate {
	own, ok := s.bundles.Get(s.ID.TrustDomain())
	if !ok {
		return nil
	}
	return own.X509Authorities()
}

// ParseSVID makes one of PEM: the certificate with its chain, its private key, and
// the roots of its trust domain. It is held to what others will hold it to.
func ParseSVID(cert, key, bundle []byte, now time.Time) (*SVID, error) {
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("they do not make a certificate and its key: %w", err)
	}
	own, err := x509svid.Parse(cert, key)
	if err != nil {
		return nil, fmt.Errorf("it is not an X509-SVID: %w", err)
	}
	roots, err := x509bundle.Parse(own.ID.TrustDomain(), bundle)
	if err != nil {
		return nil, fmt.Errorf("reading the roots of %s: %w", own.ID.TrustDomain(), err)
	}
	if roots.Empty() {
		return nil, fmt.Errorf("the bundle has no root of %s", own.ID.TrustDomain())
	}
	if _, _, err := x509svid.Verify(own.Certificates, roots, x509svid.WithTime(now)); err != nil {
		return nil, fmt.Errorf("%s is not one that its own bundle trusts: %w", own.ID, err)
	}
	return &SVID{ID: own.ID, Certificate: pair, Told: &stream.Certificate{X509: pair.Leaf}, bundles: x509bundle.NewSet(roots)}, nil
}

// trusts says whether it trusts by the same roots as o.
func (s *SVID) trusts(o *SVID) bool {
	return slices.EqualFunc(s.bundles.Bundles(), o.bundles.Bundles(), (*x509bundle.Bundle).Equal)
}

// peer is who shows these certificates, if that can be believed: the chain leads to
// a root of the trust domain that it claims.
func (s *SVID) peer(state *tls.ConnectionState) (spiffeid.ID, error) {
	certs := state.PeerCertificates
	if len(certs) == 0 {
		return spiffeid.ID{}, errors.New("the peer shows no certificate")
	}
	id, _, err := x509svid.Verify(certs, s.bundles)
	switch {
	case err != nil:
		return id, err
	case id.Path() == "":
		return id, fmt.Errorf("%s is a trust domain, which nobody is", id)
	}
	return id, nil
}
