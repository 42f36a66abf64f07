package server

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/provider"
	"github.com/weirproxy/weir/core/provider/contract"
)

// providers are those that snapshots use. One whose table did not change is the
// same in the next snapshot, with its process.
type providers struct {
	mu     sync.Mutex
	live   []*sharedProvider // an old and a new one of a name may live at once
	ending sync.WaitGroup
}

type sharedProvider struct {
	*provider.Provider
	name  string
	table config.Provider
	serve []string
	users int // snapshots; guarded by providers.mu
}

// makeProviders makes those that something asks. Programs start once they are asked.
func (b *builder) makeProviders() {
	serves := map[string][]string{}
	ask := func(name, contract string) {
		if name != "" && !slices.Contains(serves[name], contract) {
			serves[name] = append(serves[name], contract)
		}
	}
	for _, c := range b.cfg.Clusters {
		if c.Discover != nil {
			ask(c.Discover.Provider, contract.Discovers)
		}
	}
	ask(b.cfg.Store.Provider, contract.Stores)
	for name, contracts := range serves {
		o := b.server.providerOptions(name, b.cfg.Providers[name])
		o.Serves = contracts
		if err := o.Check(); err != nil {
			b.problem("providers."+name+".command", "%v", err)
		}
		b.providers[name] = b.server.providers.take(name, b.cfg.Providers[name], o)
	}
}

// providerOf is the provider that a cluster asks, nil for none.
func (b *builder) providerOf(c *config.Cluster) *sharedProvider {
	if c.Discover == nil {
		return nil
	}
	return b.providers[c.Discover.Provider]
}

func (s *Server) providerOptions(name string, t config.Provider) provider.Options {
	return provider.Options{
		Name: name, Command: t.Command, SHA256: t.SHA256, Env: t.Env, Config: t.ConfigJSON(),
		Start: time.Duration(t.StartTimeout), Call: time.Duration(t.CallTimeout), Ping: time.Duration(t.Ping), Log: s.log,
	}
}

// take gives the provider of a table to one more snapshot.
func (ps *providers) take(name string, t config.Provider, o provider.Options) *sharedProvider {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	for _, p := range ps.live {
		if p.name == name && reflect.DeepEqual(p.table, t) && slices.Equal(p.serve, o.Serves) {
			p.users++
			return p
		}
	}
	p := &sharedProvider{Provider: provider.New(o), name: name, table: t, serve: o.Serves, users: 1}
	ps.live = append(ps.live, p)
	return p
}

// give takes it back from one. Its process ends meanwhile: whoever lets a
// snapshot go may carry a stream.
func (ps *providers) give(p *sharedProvider) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if p.users--; p.users == 0 {
		ps.live = slices.DeleteFunc(ps.live, func(o *sharedProvider) bool { return o == p })
		ps.ending.Go(p.Close)
	}
}

// stats are those of each name's newest, by name.
func (ps *providers) stats() []provider.Stats {
	ps.mu.Lock()
	newest := map[string]*sharedProvider{}
	for _, p := range ps.live {
		newest[p.name] = p
	}
	ps.mu.Unlock()
	stats := []provider.Stats{}
	for _, p := range newest {
		stats = append(stats, p.Stats())
	}
	slices.SortFunc(stats, func(a, b provider.Stats) int { return strings.Compare(a.Name, b.Name) })
	return stats
}

// Providers are the providers and what they say of each service.
func (v views) Providers() any { return v.providers.stats() }

// eachProvider yields them for the metrics page.
func (s *Server) eachProvider(yield func(observe.Provider)) {
	for _, p := range s.providers.stats() {
		o := observe.Provider{Name: p.Name, Up: p.State == provider.Running, Starts: p.Starts}
		for _, one := range p.Services {
			o.Services = append(o.Services, observe.ProvidedService{Name: one.Name, Endpoints: one.Endpoints, Stale: one.Stale})
		}
		yield(o)
	}
}
