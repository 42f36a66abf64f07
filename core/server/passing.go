package server

import (
	"sync"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/http1"
)

// passing are the destinations that no cluster has, each a cluster of its own while it is
// used.
type passing struct {
	take func(addr string) *sharedCluster
	give func(c *sharedCluster)

	mu sync.Mutex
	by map[string]*passed
}

type passed struct {
	*sharedCluster
	used time.Time
}

const (
	mostPassed = 4096        // destinations that are kept at once
	passedFor  = time.Minute // without a new request or connection
)

// to is the cluster of a destination, "host:port".
func (p *passing) to(addr string) *cluster.Cluster {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if d := p.by[addr]; d != nil {
		d.used = now
		return d.Cluster
	}
	if len(p.by) >= mostPassed {
		p.dropOldest()
	}
	if p.by == nil {
		p.by = map[string]*passed{}
	}
	d := &passed{p.take(addr), now}
	p.by[addr] = d
	return d.Cluster
}

// dropOldest makes room. What is under way there goes on.
func (p *passing) dropOldest() {
	var oldest string
	for addr, d := range p.by {
		if oldest == "" || d.used.Before(p.by[oldest].used) {
			oldest = addr
		}
	}
	p.give(p.by[oldest].sharedCluster)
	delete(p.by, oldest)
}

// sweep drops those that nobody has used for long.
func (p *passing) sweep(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for addr, d := range p.by {
		if now.Sub(d.used) > passedFor {
			p.give(d.sharedCluster)
			delete(p.by, addr)
		}
	}
}

// close drops all.
func (p *passing) close() { p.sweep(time.Now().Add(2 * passedFor)) }

// openPassing lets destinations be passed on to.
func (s *Server) openPassing() {
	s.passing.give = s.clusters.give
	s.passing.take = func(addr string) *sharedCluster {
		c, err := s.take(config.PassName, config.PassCluster(addr), s.passClient(), nil, nil)
		if err != nil {
			panic("server: a cluster of one address asks nobody, and failed: " + err.Error())
		}
		return c
	}
}

// passClient are the bounds of connections that are passed on.
func (s *Server) passClient() http1.ClientOptions {
	return s.newBuilder(s.cfg.Load()).client()
}
