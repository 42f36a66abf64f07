package server

import (
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/identity"
)

// clusterTLS reads what the connections of a cluster show and ask for; nil for
// those in clear. ok is false where that cannot be had.
func (b *builder) clusterTLS(name, protocol string, t *config.ClusterTLS) (client *identity.Client, ok bool) {
	if t == nil {
		return nil, true
	}
	if t.Insecure {
		b.server.log.Warn("a cluster takes any certificate: whoever is between can read and change everything", "cluster", name, "key", "clusters."+name+".tls.insecure")
	}
	if t.Mesh {
		return b.meshTLS(name, protocol, t)
	}
	client, problems := identity.NewClient(identity.ClientOptions{
		ServerName: t.ServerName, Roots: t.Roots, Pair: identity.Files{Cert: t.Cert, Key: t.Key},
		MinVersion: config.TLSVersion(t.MinVersion), Insecure: t.Insecure, Protocols: offered[protocol], Log: b.server.log,
	})
	for _, p := range problems {
		b.problem("clusters."+name+".tls."+p.Key, "%v", p.Err)
	}
	return client, len(problems) == 0
}

// offered is what is offered by ALPN for a cluster's protocol.
var offered = map[string][]string{"http1": {"http/1.1"}, "http2": {"h2"}, "auto": {"h2", "http/1.1"}}

// tellAgain is how often it is said of a cluster that its endpoints are not
// trusted: each request may find out.
const tellAgain = 10 * time.Second

// untrusted tells of a cluster's endpoints whose certificates are not trusted.
func (s *Server) untrusted(cluster string) func(endpoint string, err error) {
	var told atomic.Int64
	return func(endpoint string, err error) {
		now, last := s.reaper.Now(), told.Load()
		if last != 0 && now-last < int64(tellAgain) || !told.CompareAndSwap(last, now) {
			return
		}
		s.log.Error("the certificate of an endpoint is not trusted: see roots and server_name of its cluster", "cluster", cluster, "endpoint", endpoint, "err", err)
	}
}
