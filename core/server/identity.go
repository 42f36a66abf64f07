package server

import (
	"crypto/tls"
	"time"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/observe"
)

// makeIdentity reads what the listeners with TLS show and ask for.
func (b *builder) makeIdentity() {
	t := &b.cfg.Gateway.TLS
	if len(b.cfg.Gateway.TLSListen) == 0 || !b.cfg.Role.Has(config.SideGateway) {
		return
	}
	o := identity.ServerOptions{
		MinVersion: config.TLSVersion(t.MinVersion), ClientAuth: clientAuths[t.ClientAuth], ClientCA: t.ClientCA,
		StrictSNI: t.StrictSNI, HTTP2: b.cfg.LimitsFor(config.SideGateway).Streams > 0, Log: b.server.log,
	}
	for _, c := range t.Certificates {
		o.Certificates = append(o.Certificates, identity.Files{Cert: c.Cert, Key: c.Key})
	}
	for _, name := range t.Suites {
		id, _ := config.SuiteID(name)
		o.Suites = append(o.Suites, id)
	}
	for _, name := range t.Curves {
		o.Curves = append(o.Curves, curves[name])
	}
	if t.Tickets != config.Off {
		o.Tickets = &b.server.tickets
	}
	var problems []identity.Problem
	if t.ACME != nil {
		o.ACME, problems = b.server.acmeFor(t.ACME)
		b.acme = o.ACME
	}
	made, more := identity.NewServer(o)
	problems = append(problems, more...)
	for _, p := range problems {
		b.problem("gateway.tls."+p.Key, "%v", p.Err)
	}
	b.identity = made
}

// acmeFor is who gets the certificates of a table: as before if it did not change.
func (s *Server) acmeFor(t *config.ACME) (*identity.ACME, []identity.Problem) {
	o := identity.ACMEOptions{Directory: t.Directory, Email: t.Email, Hosts: t.Hosts, Folder: t.Cache, Roots: t.Roots, Log: s.log}
	if running := s.acme.Load(); running != nil && running.Equal(o) {
		return running, nil
	}
	return identity.NewACME(o)
}

// useACME lets a get certificates, and who did before go.
func (s *Server) useACME(a *identity.ACME) {
	before := s.acme.Swap(a)
	if before != nil && before != a {
		before.Close()
	}
	if a != nil && s.ready.Load() {
		a.Run()
	}
}

var clientAuths = map[string]tls.ClientAuthType{
	"none": tls.NoClientCert, "optional": tls.VerifyClientCertIfGiven, "required": tls.RequireAndVerifyClientCert,
}

var curves = map[string]tls.CurveID{
	"x25519mlkem768": tls.X25519MLKEM768, "x25519": tls.X25519, "p256": tls.CurveP256, "p384": tls.CurveP384, "p521": tls.CurveP521,
}

// refreshIdentity takes up certificates that changed, and renews the key of
// session tickets.
func (s *Server) refreshIdentity() {
	now := time.Now()
	if id := s.identity.Load(); id != nil {
		id.Refresh(now)
	}
	if s.workload != nil {
		s.workload.Refresh(now)
	}
	if period := s.cfg.Load().Gateway.TLS.Tickets; period != config.Off {
		s.tickets.Rotate(now, time.Duration(period))
	}
}

// eachCertificate yields those in use, for the metrics page.
func (s *Server) eachCertificate(yield func(observe.Certificate)) {
	if s.workload != nil {
		if own := s.workload.Current(); own != nil {
			yield(observe.Certificate{File: s.workload.File(), Name: own.ID.String(), Ends: own.Ends()})
		}
	}
	id := s.identity.Load()
	if id == nil {
		return
	}
	for _, p := range id.Pairs() {
		yield(observe.Certificate{File: p.Cert, Name: p.Told.DNS(), Ends: p.Leaf.NotAfter})
	}
}
