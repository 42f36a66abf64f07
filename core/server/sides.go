package server

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/stream"
)

// side makes what listeners of one kind do with their requests.
func (b *builder) side(name config.Side, snap *proxy.Snapshot) *proxy.Side {
	l, t := b.cfg.LimitsFor(name), b.cfg.TimeoutsFor(name)
	paths, err := route.NewNormalizer(b.cfg.Paths)
	if err != nil {
		b.problem("paths", "%v", err)
	}
	s := &proxy.Side{
		Name:        string(name),
		Node:        nodeID(b.cfg),
		Paths:       paths,
		Mesh:        name != config.SideGateway,
		Forwarded:   forwarding(b.cfg, name),
		Reasons:     b.cfg.Trust.Reason,
		Errors:      b.errors(),
		DrainUnread: int64(l.DrainUnread), Interim: l.InterimResponses,
		Pause: time.Duration(t.Pause), Tunnel: orNone(t.Tunnel),
		Gate:    b.server.gate(string(name)),
		Metrics: b.server.metrics.Listener(string(name)),
	}
	if b.acme != nil && name == config.SideGateway {
		s.Challenge = &proxy.Challenge{Path: []byte(identity.ChallengePath), Answer: b.acme.Answer}
	}
	s.Trace = tracingOf(b.chain(string(name), int64(l.FilterBody), b.cfg.FiltersFor(name), false))
	routes := b.cfg.RoutesFor(name)
	table, err := route.New(routes, string(name))
	if err != nil {
		b.routeProblems(routes, err)
		return s
	}
	s.Table = table
	for i := range routes {
		s.Routes = append(s.Routes, b.route(&routes[i], name, int64(l.FilterBody), snap))
	}
	if e := b.elsewhere(name, snap.Clusters); e != nil {
		s.Elsewhere = e.request(b, name, int64(l.FilterBody), snap)
	}
	return s
}

// routeProblems says what is wrong with routes, each in its place in the file.
func (b *builder) routeProblems(routes []config.Route, err error) {
	wrong, ok := errors.AsType[route.Problems](err)
	if !ok {
		b.problem("routes", "%v", err)
		return
	}
	for _, p := range wrong {
		found := b.cfg.Problem(fmt.Sprintf("routes[%d].match", routes[p.Route].At), p.Err.Error())
		if !slices.Contains(b.problems, found) { // two sides may share a route
			b.problems = append(b.problems, found)
		}
	}
}

// forwarding is whose word about the client counts at a side.
func forwarding(cfg *config.Config, side config.Side) proxy.Forwarding {
	t := &cfg.Trust
	return proxy.Forwarding{
		Proxies: prefixes(t.Proxies), Via: t.Via,
		Forwarded: t.Forwarded, RequestID: t.RequestID || side != config.SideGateway,
	}
}

func (b *builder) route(r *config.Route, side config.Side, held int64, snap *proxy.Snapshot) *proxy.Route {
	out := &proxy.Route{
		Name:    r.Name,
		Chain:   b.chain("routes", held, slices.Concat(b.cfg.FiltersFor(side), r.Filters), false),
		Cluster: snap.Clusters[r.Cluster],
		Timeout: orNone(r.Timeout), PerTry: orNone(r.PerTry), Idle: orNone(r.Idle),
		Retries: proxy.Retries{
			Max: r.Retries.Max, Buffer: int(r.Retries.Buffer), OnStatus: r.Retries.OnStatus, OnGRPC: codes(r.Retries.OnGRPC),
			BackOff: orNone(r.Retries.BackOff),
		},
		Priority: priorityOf(r.Priority),
		MaxBody:  int64(r.MaxBody), Upgrades: r.Upgrades, GRPCWeb: r.GRPCWeb,
		Metadata: metadataOf(r.Metadata),
		Metrics:  b.server.metrics.Route(r.Name),
	}
	out.Trace = tracingOf(out.Chain)
	if out.Idle == 0 {
		out.Idle = never
	}
	if len(r.Clusters) > 0 {
		out.Split = new(proxy.Split)
		for _, w := range r.Clusters {
			if w.Weight > 0 {
				out.Split.Add(snap.Clusters[w.Name], w.Weight)
			}
		}
	}
	return out
}

// priorityOf is a priority whose name was found right when the file was read.
func priorityOf(name string) stream.Priority {
	p, _ := stream.PriorityOf(name)
	return p
}

// codes are statuses whose names were found right when the file was read.
func codes(names []string) (set grpc.Set) {
	for _, name := range names {
		set = set.With(grpc.Named(name))
	}
	return set
}

// never is a wait without a bound.
const never = 100 * 365 * 24 * time.Hour

// prefixes are networks that were found well formed when the file was read.
func prefixes(list []string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			panic(fmt.Sprintf("server: network %q passed validation: %v", s, err))
		}
		out = append(out, p.Masked())
	}
	return out
}

// gate is a side's. It outlives snapshots; applyLimits sets its bounds.
func (s *Server) gate(side string) *proxy.Gate {
	g := s.gates[side]
	if g == nil {
		g = new(proxy.Gate)
		s.gates[side] = g
	}
	return g
}

// applyLimits gives the gates the bounds of the configuration that runs.
func (s *Server) applyLimits(cfg *config.Config) {
	for _, side := range cfg.Role.Sides() {
		l := cfg.LimitsFor(side)
		s.gate(string(side)).Set(l.InFlight, l.Queue, time.Duration(l.QueueWait))
	}
}
