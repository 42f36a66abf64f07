package server

import (
	"context"
	"sync"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/state"
)

// fleet is what holds limits over several proxies, in the configuration that runs.
type fleet struct {
	provider *sharedProvider // that is asked, nil for none
	members  int
	fleet    *state.Fleet
	stop     context.CancelFunc
	running  sync.WaitGroup
	mu       sync.Mutex // of all but running
}

// useStore has limits of the fleet kept where the configuration says. A store
// that stays the same keeps what was leased of it.
func (s *Server) useStore(cfg *config.Config, p *sharedProvider) {
	f := &s.fleet
	f.mu.Lock()
	defer f.mu.Unlock()
	if p == f.provider && (p == nil || cfg.Store.Members == f.members) {
		return
	}
	if f.stop != nil {
		f.stop()
	}
	f.provider, f.members, f.fleet, f.stop = p, cfg.Store.Members, nil, nil
	if p == nil {
		s.state.UseFleet(state.FleetOptions{})
		return
	}
	f.fleet = s.state.UseFleet(state.FleetOptions{Exchanger: p, Members: cfg.Store.Members, Log: s.log.With("store", p.name)})
	var ctx context.Context
	ctx, f.stop = context.WithCancel(s.ending)
	run := f.fleet.Run
	f.running.Go(func() { run(ctx) })
}

// usage is the store's, false where there is none.
func (f *fleet) usage() (state.FleetUsage, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fleet == nil {
		return state.FleetUsage{}, false
	}
	return f.fleet.Usage(), true
}

// storeNumbers are those of the metrics page.
func (s *Server) storeNumbers(yield func(observe.Store)) {
	if u, ok := s.fleet.usage(); ok {
		yield(observe.Store{Up: u.Up, Members: u.Members, Keys: u.Keys, Exchanges: u.Exchanges, Failures: u.Failures})
	}
}
