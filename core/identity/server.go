package identity

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
)

// ServerOptions are what a TLS listener shows and asks for.
type ServerOptions struct {
	Certificates []Files // the first is the default
	MinVersion   uint16
	Suites       []uint16      // of TLS 1.2; nil: those of crypto/tls
	Curves       []tls.CurveID // nil: those of crypto/tls
	HTTP2        bool          // offer "h2"
	ClientAuth   tls.ClientAuthType
	ClientCA     string   // file of PEM certificates that clients are trusted by
	StrictSNI    bool     // a name that nothing is for is refused
	Tickets      *Tickets // nil: sessions are not resumed
	ACME         *ACME    // nil: all certificates are files
	Log          *slog.Logger
}

// Server is the server's side of TLS, by one configuration.
type Server struct {
	opt   ServerOptions
	cfg   *tls.Config
	names atomic.Pointer[names]

	workload *Workload // whom a mesh is shown, nil elsewhere

	keeper
}

// Problem is what is wrong with a key of the options, as the file calls it.
type Problem struct {
	Key string // "certificates[0].cert"
	Err error
}

// NewServer reads the certificates. It answers all that is wrong with them.
func NewServer(o ServerOptions) (*Server, []Problem) {
	s := &Server{opt: o, keeper: newKeeper(o.Log)}
	var problems []Problem
	for i, f := range o.Certificates {
		p, err := readPair(f)
		if err != nil {
			problems = append(problems, Problem{fmt.Sprintf("certificates[%d].cert", i), err})
			continue
		}
		s.pairs = append(s.pairs, p)
		s.warnOf(p)
		if len(p.Leaf.DNSNames) == 0 && len(p.Leaf.IPAddresses) == 0 {
			o.Log.Warn("a certificate names no host in its subject's alternative names: no client will accept it", "certificate", p.Cert)
		}
	}
	var roots *x509.CertPool
	var policy []byte
	if o.ClientCA != "" {
		pem, pool, err := readRoots(o.ClientCA)
		if err != nil {
			problems = append(problems, Problem{"client_ca", err})
		}
		roots, policy = pool, pem
	}
	if len(problems) > 0 {
		return nil, problems
	}
	s.names.Store(index(s.pairs))
	s.cfg = s.config(roots)
	if o.Tickets != nil {
		sum := sha256.Sum256(policy)
		o.Tickets.Use(s.cfg, append([]byte{byte(o.ClientAuth)}, sum[:]...))
	}
	return s, nil
}

// Refresh takes up certificates whose files changed. It is called every second
// or so.
func (s *Server) Refresh(now time.Time) {
	if s.refresh(now) {
		s.names.Store(index(s.all()))
	}
	if s.opt.ACME != nil {
		s.opt.ACME.Refresh()
	}
}

func (s *Server) config(roots *x509.CertPool) *tls.Config {
	o := &s.opt
	c := &tls.Config{
		MinVersion: max(o.MinVersion, tls.VersionTLS12), CipherSuites: o.Suites, CurvePreferences: o.Curves,
		NextProtos: []string{"http/1.1"}, ClientAuth: o.ClientAuth, ClientCAs: roots,
		GetCertificate: s.certificate, SessionTicketsDisabled: o.Tickets == nil,
		// A record costs a system call. Small ones would let a browser show the first
		// kilobyte sooner, and everybody pay for it.
		DynamicRecordSizingDisabled: true,
	}
	if o.HTTP2 {
		c.NextProtos = []string{"h2", "http/1.1"}
	}
	if o.ACME != nil {
		c.NextProtos = append(c.NextProtos, acme.ALPNProto)
	}
	return c
}

// readRoots reads certificates to trust by.
func readRoots(path string) (pem []byte, pool *x509.CertPool, err error) {
	pem, err = readPEM(path)
	if err != nil {
		return nil, nil, fmt.Errorf("reading trusted certificates: %w", err)
	}
	pool = x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, nil, fmt.Errorf("reading trusted certificates: %q has no PEM certificate", path)
	}
	return pem, pool, nil
}

// find gives the pairs for a name: those that are for it, else the default, unless
// only the former are wanted.
func (s *Server) find(name string) []*Pair {
	names, acme := s.names.Load(), s.opt.ACME
	if acme != nil {
		if p := acme.pair(name); p != nil {
			return []*Pair{p}
		}
	}
	found := names.find(name)
	if len(found) > 0 || s.opt.StrictSNI {
		return found
	}
	if names.first != nil {
		return []*Pair{names.first}
	}
	if acme != nil {
		return acme.Pairs()[:min(1, len(acme.Pairs()))]
	}
	return nil
}

// Pairs are the certificates in use.
func (s *Server) Pairs() []*Pair {
	all := s.keeper.all()
	if s.opt.ACME != nil {
		all = append(all, s.opt.ACME.Pairs()...)
	}
	return all
}

// picked is where a handshake notes what was shown, by its context.
type picked struct{ pair *Pair }

type pickedKey struct{}

// certificate picks what is shown to a client: of the pairs for the name it
// asks for the first whose key it can check.
func (s *Server) certificate(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if s.opt.ACME != nil && proves(h) {
		return s.opt.ACME.manager.GetCertificate(h)
	}
	found := s.find(h.ServerName)
	if len(found) == 0 {
		return nil, nil // crypto/tls: unrecognized_name
	}
	p := found[0]
	for i := 0; len(found) > 1 && i < len(found); i++ {
		if h.SupportsCertificate(&found[i].Certificate) == nil {
			p = found[i]
			break
		}
	}
	if note, ok := h.Context().Value(pickedKey{}).(*picked); ok {
		note.pair = p
	}
	return &p.Certificate, nil
}
