package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/spiffe/go-spiffe/v2/spiffeid"
)

// subjectAltName is the one extension that a request may ask for (RFC 5280, section
// 4.2.1.6).
const subjectAltName = "2.5.29.17"

// keyOf is the public key of a certificate request, PEM (RFC 2986), whose sender has
// shown to hold the private half. It may name id alone; all else about the
// certificate is ours to say.
func keyOf(text string, id spiffeid.ID) (crypto.PublicKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE REQUEST" || len(block.Headers) > 0 {
		return nil, errors.New("the request is not a PEM block CERTIFICATE REQUEST")
	}
	if len(rest) > 0 {
		return nil, errors.New("there is more than one request")
	}
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, errors.New("the request is not one of PKCS #10")
	}
	if err := checkKey(csr.PublicKey); err != nil {
		return nil, err
	}
	if csr.CheckSignature() != nil {
		return nil, errors.New("the request is not signed by its own key")
	}
	for _, e := range csr.Extensions {
		if e.Id.String() != subjectAltName {
			return nil, fmt.Errorf("the request asks for the extension %v, which is not given", e.Id)
		}
	}
	if n := len(csr.DNSNames) + len(csr.IPAddresses) + len(csr.EmailAddresses); n > 0 {
		return nil, errors.New("the request names others than a SPIFFE ID, which are not given")
	}
	switch {
	case len(csr.URIs) > 1:
		return nil, errors.New("the request names more than one SPIFFE ID")
	case len(csr.URIs) == 1 && csr.URIs[0].String() != id.String():
		return nil, errors.New("the request names another SPIFFE ID than its sender's")
	case len(csr.URIs) == 0 && len(csr.Extensions) > 0:
		return nil, errors.New("the request names others than a SPIFFE ID, which are not given")
	}
	return csr.PublicKey, nil
}

// checkKey refuses keys that are weak, or dear to check.
func checkKey(key crypto.PublicKey) error {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() || k.Curve == elliptic.P384() {
			return nil
		}
	case ed25519.PublicKey:
		return nil
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n >= 2048 && n <= 4096 {
			return nil
		}
	}
	return errors.New("the request's key is none of P-256, P-384, Ed25519 and RSA of 2048 to 4096 bits")
}
