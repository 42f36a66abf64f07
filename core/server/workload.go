package server

import (
	"context"
	"reflect"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/enroll"
	"github.com/weirproxy/weir/core/observe"
)

// asksForIdentity says whether anything of a configuration needs us to be somebody in
// the mesh: a side that is spoken to so, or a cluster.
func asksForIdentity(cfg *config.Config) bool {
	if cfg.Role.Has(config.SideInbound) && cfg.Sidecar.MTLS != config.MTLSOff {
		return true
	}
	for _, c := range cfg.Clusters {
		if c.TLS != nil && c.TLS.Mesh {
			return true
		}
	}
	return false
}

// makeWorkload reads who we are. That stays so to the process's end: only what the
// files hold changes.
func (b *builder) makeWorkload() {
	s, t := b.server, b.cfg.Identity
	if t == nil || !asksForIdentity(b.cfg) {
		return // nothing is asked for without an identity: the file was checked
	}
	if running := s.cfg.Load(); running != nil {
		switch {
		case s.workload == nil:
			b.problem("identity", "is asked for by what changed; that needs a restart: who a process is does not change while it runs")
		case !reflect.DeepEqual(running.Identity, t):
			s.log.Warn("changes of identity are taken up at a restart, but for a join token", "file", s.opt.File)
		}
		if s.member != nil && t.Authority != nil {
			s.member.Use(t.Authority.JoinToken())
		}
		return
	}
	o := identity.WorkloadOptions{
		Files: identity.Files{Cert: t.Cert, Key: t.Key}, Bundle: t.Bundle, ID: t.ID, Later: t.Authority != nil, Log: s.log,
	}
	for domain, file := range t.Bundles {
		o.Others = append(o.Others, identity.Foreign{Domain: domain, Bundle: file})
	}
	made, problems := identity.NewWorkload(o)
	for _, p := range problems {
		b.problem("identity."+p.Key, "%v", p.Err)
	}
	s.workload = made
}

// openMember makes who gets the identity, where an authority issues it.
func (s *Server) openMember(cfg *config.Config) (err error) {
	t := cfg.Identity
	if s.workload == nil || t.Authority == nil {
		return nil
	}
	s.member, err = enroll.New(enroll.Options{
		URL: t.Authority.URL, Pin: t.Authority.Pin, Token: t.Authority.JoinToken(), ID: t.ID,
		Files: identity.Files{Cert: t.Cert, Key: t.Key}, Bundle: t.Bundle, Log: s.log,
	}, s.workload)
	if err != nil {
		return cfg.Problem("identity", err.Error())
	}
	return nil
}

// renewals are how often the authority was asked, for the metrics page.
func (s *Server) renewals() observe.Renewals {
	done, failed := s.member.Counts()
	return observe.Renewals{Done: done, Failed: failed}
}

// meshTLS is what connections of a cluster of members show and ask for.
func (b *builder) meshTLS(name, protocol string, t *config.ClusterTLS) (client *identity.Client, ok bool) {
	if b.server.workload == nil {
		return nil, false // the problem was told
	}
	peers, err := identity.ParsePeers(t.Peers)
	if err != nil {
		b.problem("clusters."+name+".tls.peers", "%v", err)
		return nil, false
	}
	client, _ = identity.NewClient(identity.ClientOptions{
		ServerName: t.ServerName, MinVersion: config.TLSVersion(t.MinVersion), Protocols: offered[protocol],
		Workload: b.server.workload, Peers: peers, Log: b.server.log,
	})
	return client, true
}

// meshServer is what peers meet at a place. Bytes are not HTTP, so none is offered.
func (s *Server) meshServer(at place, http2 bool) *identity.Server {
	var protocols []string
	switch {
	case at.service != "":
	case http2:
		protocols = []string{"h2", "http/1.1"}
	default:
		protocols = []string{"http/1.1"}
	}
	return identity.NewMeshServer(s.workload, protocols)
}

// lacksIdentity says whether we are to be somebody in the mesh and are not yet.
func (s *Server) lacksIdentity() bool { return s.workload != nil && s.workload.Current() == nil }

// awaitIdentity waits for the first identity, and then opens the listeners: before
// that nobody could be told who we are, so connections are refused.
func (s *Server) awaitIdentity(ctx, beside context.Context) error {
	if s.workload == nil {
		return nil
	}
	if s.lacksIdentity() {
		s.log.Info("waiting for an identity: connections are refused until there is one")
	}
	select {
	case <-ctx.Done():
		return nil
	case <-s.workload.First():
	}
	s.reload.Lock()
	defer s.reload.Unlock()
	return s.openSockets(s.cfg.Load())
}
