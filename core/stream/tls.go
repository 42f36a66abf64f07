package stream

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"sync"
)

// TLSInfo is what is known of a TLS connection, downstream or upstream.
type TLSInfo struct {
	Version    string // "TLSv1.3"
	ServerName string // that the client asked for
	ALPN       string
	Resumed    bool         // the session of an earlier connection
	PeerSPIFFE string       // SPIFFE ID of the verified peer, if it has one
	Peer       *Certificate // of the verified peer, nil without
	Local      *Certificate // ours, nil without

	// Owns says whether a host may be asked for on the connection. nil: any may.
	Owns func(host []byte) bool
}

// Certificate is one of TLS. What filters ask of it is made when one first does.
type Certificate struct {
	X509 *x509.Certificate

	once         sync.Once
	subject, sum string
	uri, dns     string
}

func (c *Certificate) read() {
	c.once.Do(func() {
		c.subject = c.X509.Subject.String()
		sum := sha256.Sum256(c.X509.Raw)
		c.sum = hex.EncodeToString(sum[:])
		if len(c.X509.URIs) > 0 {
			c.uri = c.X509.URIs[0].String()
		}
		if len(c.X509.DNSNames) > 0 {
			c.dns = c.X509.DNSNames[0]
		}
	})
}

// Subject is the subject's name as RFC 2253 writes it.
func (c *Certificate) Subject() string { c.read(); return c.subject }

// SHA256 is the digest of the whole certificate, in hex.
func (c *Certificate) SHA256() string { c.read(); return c.sum }

// URI is the first URI of the subject's alternative names, "" without any.
func (c *Certificate) URI() string { c.read(); return c.uri }

// DNS is the first DNS name of them, "" without any.
func (c *Certificate) DNS() string { c.read(); return c.dns }

// SPIFFE is the certificate's SPIFFE ID: its only URI, if that is one (X509-SVID,
// section 2). "" otherwise.
func (c *Certificate) SPIFFE() string {
	if u := c.X509.URIs; len(u) == 1 && u[0].Scheme == "spiffe" && u[0].Host != "" {
		return u[0].String()
	}
	return ""
}
