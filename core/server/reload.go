package server

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

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
	s.seen = fingerprint(s.opt.File)
	cfg, err := config.Load(s.opt.File, s.opt.Overrides)
	if err != nil {
		return err
	}
	running := s.cfg.Load()
	if cfg.Role != running.Role {
		return errors.New("changing the role needs a restart: a gateway's listeners are not a sidecar's")
	}
	if cfg.Admin != running.Admin || cfg.Wasm.Cache != running.Wasm.Cache || cfg.Log.Access != running.Log.Access || cfg.Log.Format != running.Log.Format || cfg.Node != running.Node {
		s.log.Warn("changes of admin, log.access, log.format, node and wasm.cache are taken up at a restart", "file", s.opt.File)
	}
	snap, err := s.build(ctx, cfg)
	if err != nil {
		return err
	}
	// Sockets come before the swap: a port that is taken must not leave us
	// between two configurations.
	if err := s.openSockets(cfg); err != nil {
		snap.Close()
		return err
	}
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
	for name := range cfg.Clusters {
		clusters = append(clusters, name)
	}
	s.metrics.Keep(listeners, routes, clusters)
}

// changed says whether the file differs from when it was read last.
func (s *Server) changed() bool {
	s.reload.Lock()
	defer s.reload.Unlock()
	return fingerprint(s.opt.File) != s.seen
}

// settleTime is how long a file must be left alone before it is read: editors
// and deployments write in several steps.
const settleTime = 200 * time.Millisecond

// watch reloads when the configuration's file changes. It watches the folder:
// a file that is replaced, or a link that is turned, is another file.
func (s *Server) watch(ctx context.Context) {
	w, err := fsnotify.NewWatcher()
	if err == nil {
		err = w.Add(filepath.Dir(s.opt.File))
	}
	if err != nil {
		s.log.Warn("the configuration's file is not watched; reload by SIGHUP", "file", s.opt.File, "err", err)
		return
	}
	defer w.Close()
	t := time.NewTimer(settleTime)
	t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.Events:
			t.Reset(settleTime)
		case err := <-w.Errors:
			s.log.Warn("watching the configuration's file", "err", err)
		case <-t.C:
			if s.changed() {
				_ = s.Reload(ctx) // it has told the log
			}
		}
	}
}
