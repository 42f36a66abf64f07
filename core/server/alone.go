package server

import (
	"context"
	"errors"
	"log/slog"

	"github.com/weirproxy/weir/core/abi/httpwasm"
	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/coding"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/wasm"
)

// Surroundings are what filters run in where no server is.
type Surroundings struct {
	Engine   *wasm.Engine
	State    *state.Store
	Metrics  *observe.Metrics
	Caller   filter.Caller
	Clock    wasm.Clock // nil: the system's
	Log      *slog.Logger
	Builtins Builtins
	Version  string
}

// Alone are the filters of a configuration, made as a server makes them, for
// those who try filters without one.
type Alone struct {
	server  *Server
	filters filters
}

// NewAlone makes the filters of those names. The error is the first's that
// cannot be made.
func NewAlone(ctx context.Context, s Surroundings, cfg *config.Config, names []string) (*Alone, error) {
	a := &Alone{server: &Server{
		opt: Options{Builtins: s.Builtins}, log: s.Log, engine: s.Engine, state: s.State, metrics: s.Metrics, seen: newSeen("", sight{}),
	}}
	a.server.openHosts(s.Caller, s.Clock, cfg, s.Version)
	b := a.server.newBuilder(cfg)
	if b.readKeys(); len(b.problems) > 0 {
		a.Close()
		return nil, b.problems
	}
	a.filters = b.filters
	a.filters.loaded = a.server.loadModules(ctx, cfg, names)
	for _, name := range names {
		if _, err := a.filters.get(ctx, use{name: name}); err != nil {
			a.Close()
			return nil, err
		}
	}
	a.filters.loaded, a.filters.own = nil, module{} // the code is of no more use
	return a, nil
}

// Chain is the chain of filters that were made.
func (a *Alone) Chain(names []string) *chain.Chain {
	c := chains{filters: &a.filters, held: int64(a.filters.cfg.Limits.FilterBody), made: map[string]*chain.Chain{}}
	made, _ := c.get(plain(names), false)
	return made
}

// ChainOf is the chain of links to filters that were made, in the seats that seat
// gives them. held bounds what one of them holds back of a body, in bytes.
func (a *Alone) ChainOf(links []config.Link, held int64, seat Seat) (*chain.Chain, error) {
	c := chains{filters: &a.filters, held: held, made: map[string]*chain.Chain{}, seat: seat}
	made, wrong := c.get(links, false)
	return made, errors.Join(wrong...)
}

// Stats are those of the filters.
func (a *Alone) Stats() []proxywasm.FilterStats { return a.server.filterStats() }

// Errands is how much of their work goes on beside their lanes.
func (a *Alone) Errands() int { return a.server.filters.Errands() }

// Close ends the filters. Streams must have ended before.
func (a *Alone) Close() {
	a.filters.close()
	a.server.filters.Close()
	a.server.httpFilters.Close()
}

// openHosts makes what filters run in, one host an ABI.
func (s *Server) openHosts(caller filter.Caller, clock wasm.Clock, cfg *config.Config, version string) {
	s.filters = proxywasm.New(proxywasm.Options{
		Engine: s.engine, State: s.state, Metrics: s.metrics.Guests(), Caller: caller, Clock: clock, Log: s.log,
		Encoders: coding.New(int64(cfg.Wasm.Encoders)), Node: nodeOf(cfg), Role: string(cfg.Role), Version: version,
	})
	s.httpFilters = httpwasm.New(httpwasm.Options{Engine: s.engine, Clock: clock, Log: s.log})
}
