package proxywasm

import "github.com/weirproxy/weir/core/stream"

// tlsProperty are those of a TLS connection, of either side. As in Envoy a
// subject is there, and empty, without a certificate; names and digests are not.
func (i *instance) tlsProperty(t *stream.TLSInfo, name string) ([]byte, status) {
	if t == nil {
		return nil, statusNotFound
	}
	switch name {
	case "tls_version":
		return some(raw(t.Version))
	case "subject_local_certificate":
		return i.subject(t.Local)
	case "subject_peer_certificate":
		return i.subject(t.Peer)
	case "uri_san_local_certificate":
		return i.ofCertificate(t.Local, (*stream.Certificate).URI)
	case "uri_san_peer_certificate":
		if t.Peer == nil {
			return some(raw(t.PeerSPIFFE))
		}
		return i.ofCertificate(t.Peer, (*stream.Certificate).URI)
	case "dns_san_local_certificate":
		return i.ofCertificate(t.Local, (*stream.Certificate).DNS)
	case "dns_san_peer_certificate":
		return i.ofCertificate(t.Peer, (*stream.Certificate).DNS)
	case "sha256_peer_certificate_digest":
		return i.ofCertificate(t.Peer, (*stream.Certificate).SHA256)
	}
	return nil, statusNotFound
}

func (i *instance) subject(c *stream.Certificate) ([]byte, status) {
	if c == nil {
		return nil, statusOK
	}
	return i.literal(c.Subject())
}

func (i *instance) ofCertificate(c *stream.Certificate, text func(*stream.Certificate) string) ([]byte, status) {
	if c == nil {
		return nil, statusNotFound
	}
	return some(raw(text(c)))
}
