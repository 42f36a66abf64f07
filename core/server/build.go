package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/errorpage"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/source"
	"github.com/weirproxy/weir/core/trace/otlp"
)

// build makes a snapshot of cfg, or says everything that keeps it from being
// one. It changes nothing that runs.
func (s *Server) build(ctx context.Context, cfg *config.Config) (*proxy.Snapshot, error) {
	b := s.newBuilder(cfg)
	snap := &proxy.Snapshot{Sides: map[string]*proxy.Side{}, Clusters: map[string]*cluster.Cluster{}}
	b.makeWorkload()
	// Clusters first: filters call them while they are configured.
	b.makeProviders()
	b.makeClusters(snap.Clusters)
	before := s.caller.Clusters()
	s.caller.Use(snap.Clusters)
	b.readKeys()
	b.makeIdentity()
	b.makeReceiver()
	b.makeFilters(ctx)
	for _, side := range cfg.Role.Sides() {
		snap.Sides[string(side)] = b.side(side, snap)
	}
	b.services(snap)
	if len(b.problems) > 0 {
		s.caller.Use(before)
		b.close()
		slices.SortStableFunc(b.problems, func(a, b config.Problem) int { return cmp.Compare(a.Line, b.Line) })
		return nil, b.problems
	}
	b.filters.loaded.Keep()
	s.next, s.nextACME, s.nextReceiver = b.identity, b.acme, b.receiver
	s.nextStore = b.providers[cfg.Store.Provider]
	snap.Close = b.close
	return snap, nil
}

// builder is what one snapshot is made of.
type builder struct {
	server    *Server
	cfg       *config.Config
	shared    map[string]*sharedCluster
	providers map[string]*sharedProvider // that something asks
	identity  *identity.Server
	acme      *identity.ACME
	filters   filters
	chains    map[int64]*chains // by how much of a body a filter may hold
	pages     *errorpage.Pages
	receiver  *otlp.Target // of spans
	problems  config.Problems
}

func (s *Server) newBuilder(cfg *config.Config) *builder {
	return &builder{
		server: s, cfg: cfg, shared: map[string]*sharedCluster{}, providers: map[string]*sharedProvider{}, chains: map[int64]*chains{},
		filters: filters{server: s, cfg: cfg, made: map[use]filter.Filter{}},
	}
}

func (b *builder) makeClusters(into map[string]*cluster.Cluster) {
	for name, table := range b.cfg.Clusters {
		tls, ok := b.clusterTLS(name, table.Protocol, table.TLS)
		if !ok {
			continue // who reads the problems will know
		}
		c, err := b.server.take(name, table, b.client(), tls, b.providerOf(&table))
		if err != nil {
			b.problem("clusters."+name+".discover", "%v", err)
			continue
		}
		b.shared[name], into[name] = c, c.Cluster
	}
}

func (b *builder) problem(key, format string, args ...any) {
	b.problems = append(b.problems, b.cfg.Problem(key, fmt.Sprintf(format, args...)))
}

func (b *builder) close() {
	b.filters.close()
	for _, c := range b.shared {
		b.server.clusters.give(c)
	}
	for _, p := range b.providers {
		b.server.providers.give(p)
	}
}

// makeFilters makes those that something names, in a set order.
func (b *builder) makeFilters(ctx context.Context) {
	uses := map[use]bool{}
	var names []string
	add := func(connections bool, list []string) {
		for _, name := range list {
			uses[use{name, connections}] = true
		}
		names = append(names, list...)
	}
	for _, side := range b.cfg.Role.Sides() {
		add(false, config.LinkNames(b.cfg.FiltersFor(side)))
		for _, r := range b.cfg.RoutesFor(side) {
			add(false, config.LinkNames(r.Filters))
		}
	}
	for _, t := range b.cfg.TCPServices() {
		add(true, t.Filters)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	b.checkCalls(names)
	b.filters.loaded = b.server.loadModules(ctx, b.cfg, names)
	for _, name := range names {
		for _, connections := range [...]bool{false, true} {
			u := use{name, connections}
			if !uses[u] {
				continue
			}
			_, err := b.filters.get(ctx, u)
			if errors.Is(err, source.ErrNotKept) {
				continue // who asked for that was told
			}
			if err != nil {
				b.filterProblem(name, err)
			}
		}
	}
	b.filters.loaded.Forget() // megabytes, which nobody asks for again
	b.filters.own, b.server.own = module{}, nil
}

// chain makes a chain of what is at key.
func (b *builder) chain(key string, held int64, links []config.Link, connections bool) *chain.Chain {
	c := b.chains[held]
	if c == nil {
		c = &chains{filters: &b.filters, held: held, made: map[string]*chain.Chain{}}
		b.chains[held] = c
	}
	made, wrong := c.get(links, connections)
	for _, err := range wrong {
		b.problem(key, "%v", err)
	}
	return made
}

// client are the bounds of upstream connections. They are those of the first
// side: an upstream is the same whoever asks it.
func (b *builder) client() http1.ClientOptions {
	side := b.cfg.Role.Sides()[0]
	l, t := b.cfg.LimitsFor(side), b.cfg.TimeoutsFor(side)
	return http1.ClientOptions{
		Head: int(l.ResponseHead), HeadCount: maxResponseFields, Window: int(l.StreamBuffer),
		BodyIdle: orNone(t.BodyIdle), WriteIdle: orNone(t.WriteIdle),
	}
}

// maxResponseFields bounds the header fields of an upstream's response.
const maxResponseFields = 256
