package server

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/weirproxy/weir/core/config"
)

// Reload reads the configuration again and lets new streams go by it. When
// anything is wrong with it nothing changes, and the error says what.
func (s *Server) Reload(ctx context.Context) error {
	s.reload.Lock()
	defer s.reload.Unlock()
	began := time.Now()
	if err := s.reloadNow(ctx); err != nil {
		s.log.Error("reload refused: the running configuration stays", "file", s.opt.File, "err", err)
		return err
	}
	s.log.Info("reloaded", "file", s.opt.File, "took", time.Since(began).Round(time.Millisecond))
	return nil
}

func (s *Server) reloadNow(ctx context.Context) error {
	s.seen.again()
	cfg, err := s.opt.load()
	if err != nil {
		return err
	}
	running := s.cfg.Load()
	if cfg.Role != running.Role {
		return errors.New("changing the role needs a restart: a gateway's listeners are not a sidecar's")
	}
	if cfg.Admin != running.Admin || cfg.Wasm.Cache != running.Wasm.Cache || cfg.Log.Access != running.Log.Access || cfg.Log.Format != running.Log.Format || !reflect.DeepEqual(cfg.Node, running.Node) {
		s.log.Warn("changes of admin, log.access, log.format, node and wasm.cache are taken up at a restart", "file", s.opt.File)
	}
	snap, err := s.build(ctx, cfg)
	if err != nil {
		return err
	}
	// Sockets come before the swap: a port that is taken must not leave us
	// between two configurations.
	if err := errors.Join(s.setMark(cfg), s.openSockets(cfg)); err != nil {
		snap.Close()
		return err
	}
	s.awaitEndpoints(ctx)
	if s.ending.Err() != nil {
		snap.Close()
		return errors.New("the process ends")
	}
	s.filters.Encoders.SetMemory(int64(cfg.Wasm.Encoders))
	s.proxy.Swap(snap)
	s.commit(cfg)
	s.settle(cfg)
	s.forget(cfg)
	return nil
}

// forget removes the metrics of what the configuration does not have any more.
func (s *Server) forget(cfg *config.Config) {
	var listeners, routes, clusters []string
	for _, side := range cfg.Role.Sides() {
		listeners = append(listeners, string(side))
		for _, r := range cfg.RoutesFor(side) {
			routes = append(routes, r.Name)
		}
	}
	var services []string
	for _, t := range cfg.TCPServices() {
		listeners, services = append(listeners, t.Name), append(services, t.Name)
	}
	if cfg.Role.Has(config.SideOutbound) {
		services = append(services, string(config.SideInbound), string(config.SideOutbound))
		routes, clusters = append(routes, config.PassName), append(clusters, config.PassName)
	}
	for name := range cfg.Clusters {
		clusters = append(clusters, name)
	}
	s.metrics.Keep(listeners, routes, clusters)
	s.metrics.KeepTCP(services)
}
