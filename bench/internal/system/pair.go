package system

import (
	"os"
	"path/filepath"
	"time"

	"github.com/weirproxy/weir/core/identity/authority"
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
	Front, Behind bool
	Roots         string // file of what both are trusted by
	Peer          string // the other's SPIFFE ID
	// Of who goes by a name in DNS instead: the other's, and the file of what it is
	// trusted by.
	PeerName, PeerRoots string
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

// namedByDNS says whether the system is a server that its clients know by a name
// in DNS alone: nginx looks for no SPIFFE ID, and an SVID has no other name.
func (s System) namedByDNS() bool { return s.binary == nginx && s.hop == behind }

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
	m.Roots, m.Peer, m.PeerName = s.roots(), idOf(other), localhost
	m.PeerRoots, _ = s.pair(P256)
	return m
}

func (s *Setup) roots() string { return filepath.Join(s.Dir, "roots.pem") }

// files are a system's certificate and key.
func (s *Setup) files(sys System) (cert, key string) {
	switch {
	case sys.namedByDNS():
		return s.pair(P256)
	case sys.hop != alone:
		return filepath.Join(s.Dir, peers[sys.hop]+".pem"), filepath.Join(s.Dir, peers[sys.hop]+".key")
	}
	return s.pair(sys.key)
}

// introduce has Weir's own authority give both their identities.
func (s *Setup) introduce() error {
	const life = 24 * time.Hour // no run is longer
	now := time.Now()
	a, err := authority.Create(filepath.Join(s.Dir, "authority"), authority.Options{TrustDomain: domain, Life: 2 * life, SVIDLife: life}, now)
	if err != nil {
		return err
	}
	for hop := range peers {
		got, err := a.Issue(idOf(hop), life, now)
		if err != nil {
			return err
		}
		cert, key := s.files(System{hop: hop})
		for file, content := range map[string][]byte{s.roots(): got.Bundle, cert: got.Chain, key: got.Key} {
			if err := os.WriteFile(file, content, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}
