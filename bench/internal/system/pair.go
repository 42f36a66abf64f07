package system

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"net/url"
	"path/filepath"
)

// hop is the place of a process where requests go through two: from the client
// to the front in clear, to the one behind it by TLS in which both show who they
// are, and to the origin in clear.
type hop uint8

const (
	alone hop = iota
	front
	behind
)

// member is one of the two, as templates see it.
type member struct {
	Front, Behind  bool
	Roots          string // file of what both are trusted by
	Peer, PeerName string // the other's SPIFFE ID and its name in DNS
}

// Paired are pairs of proxies with TLS 1.3 between them, by AES-128-GCM, over
// connections that stay open.
func Paired() []System {
	all := []System{
		{Name: "nginx+mtls", binary: nginx, spec: nginxSpec},
		{Name: "envoy+mtls", binary: envoy, spec: envoySpec},
		{Name: "weir+mtls", binary: weir, spec: weirSpec, env: []string{"WEIR_ROLE=sidecar"}},
	}
	for i := range all {
		all[i].hop = front
	}
	return all
}

// second is the system behind this one.
func (s System) second() System {
	s.Name += "-behind"
	s.hop = behind
	return s
}

// peers are the names of the two.
var peers = map[hop]string{front: "web", behind: "orders"}

const domain = "bench.example"

func idOf(h hop) string { return "spiffe://" + domain + "/" + peers[h] }

func nameOf(h hop) string { return peers[h] + "." + domain }

func (s *Setup) member(h hop) (m member) {
	other := front
	switch h {
	case alone:
		return m
	case front:
		m.Front, other = true, behind
	case behind:
		m.Behind = true
	}
	m.Roots, m.Peer, m.PeerName = s.roots(), idOf(other), nameOf(other)
	return m
}

func (s *Setup) roots() string { return filepath.Join(s.Dir, "roots.pem") }

// files are a system's certificate and key.
func (s *Setup) files(sys System) (cert, key string) {
	if sys.hop != alone {
		return filepath.Join(s.Dir, peers[sys.hop]+".pem"), filepath.Join(s.Dir, peers[sys.hop]+".key")
	}
	return s.pair(sys.key)
}

// introduce makes an authority that both trust and their certificates, which name
// them by SPIFFE ID and, for who goes by that, in DNS.
func (s *Setup) introduce() error {
	by, err := newKey(P256)
	if err != nil {
		return err
	}
	root := newCertificate(x509.KeyUsageCertSign)
	root.IsCA, root.Subject = true, pkix.Name{CommonName: domain}
	if err := issue(root, root, by, by, s.roots(), ""); err != nil {
		return err
	}
	for hop, name := range peers {
		key, err := newKey(P256)
		if err != nil {
			return err
		}
		leaf := newCertificate(x509.KeyUsageDigitalSignature)
		leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
		leaf.URIs = []*url.URL{{Scheme: "spiffe", Host: domain, Path: "/" + name}}
		leaf.DNSNames = []string{nameOf(hop)}
		cert, file := s.files(System{hop: hop})
		if err := issue(leaf, root, key, by, cert, file); err != nil {
			return err
		}
	}
	return nil
}
