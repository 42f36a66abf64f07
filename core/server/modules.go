package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/source"
	"github.com/weirproxy/weir/core/source/store"
)

// requestOf asks for the module of a filter.
func requestOf(t *config.Filter) source.Request {
	return source.Request{Module: t.Module, SHA256: t.SHA256, Credentials: t.RegistryCredentials(), Plain: t.Insecure}
}

// loadModules gets the modules of filters, and takes note of the files that
// were read for it.
func (s *Server) loadModules(ctx context.Context, cfg *config.Config, names []string) *source.Loaded {
	var asked, files []string
	var requests []source.Request
	for _, name := range names {
		t, ok := cfg.Filters[name]
		if !ok || t.Module == "" {
			continue
		}
		asked, requests = append(asked, name), append(requests, requestOf(&t))
		if !t.Remote() {
			files = append(files, t.Module)
		}
	}
	s.seen.expect(files)
	o := source.Options{Roots: cfg.Modules.Roots, Timeout: time.Duration(cfg.Modules.Timeout), Offline: s.opt.Offline, Log: s.log}
	if len(files) < len(asked) {
		o.Store = openStore(&cfg.Modules, s.log)
	}
	loaded := source.Load(ctx, o, requests)
	for i, r := range requests {
		m := loaded.Module(r)
		s.seen.read(m)
		s.tell(asked[i], m)
	}
	s.modules = loaded
	return loaded
}

// openStore opens the folder that modules are kept in. Without one they are
// fetched at each start.
func openStore(m *config.Modules, log *slog.Logger) *store.Store {
	if m.Folder == "off" {
		return nil
	}
	kept, err := store.Open(m.Folder, int64(m.Size))
	if err != nil {
		log.Warn("modules are fetched at each start: there is no place to keep them; set modules.folder", "err", err)
		return nil
	}
	return kept
}

// tell says what became of a filter's module, if it is not a file.
func (s *Server) tell(filter string, m *source.Module) {
	told := func(format string, args ...any) {
		if s.opt.Told != nil {
			s.opt.Told(fmt.Sprintf("filters.%s: ", filter) + fmt.Sprintf(format, args...))
		}
	}
	switch {
	case errors.Is(m.Err, source.ErrNotKept):
		told("module %q is not looked at: %v", m.Name(), source.ErrNotKept)
	case m.Err != nil || m.From == source.FromFile:
	case m.Away != nil:
		s.log.Warn("a module's source gives none: the last good one is used", "filter", filter, "module", m.Name(), "sha256", m.Sum.String(), "err", m.Away)
		told("module %q cannot be fetched, and the last good one is used, of SHA-256 %v: %v", m.Name(), m.Sum, m.Away)
	case m.From == source.Fetched:
		s.log.Info("module fetched", "filter", filter, "module", m.Name(), "sha256", m.Sum.String())
		told("module %q was fetched, SHA-256 %v", m.Name(), m.Sum)
	default:
		told("module %q was kept here before, SHA-256 %v", m.Name(), m.Sum)
	}
}

// refresh looks now and then whether a tag of what runs has moved, and reloads
// if one has.
func (s *Server) refresh(ctx context.Context) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	looked := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-t.C:
			every := s.cfg.Load().Modules.Refresh
			if every == config.Off || now.Sub(looked) < time.Duration(every) {
				continue
			}
			looked = now
			if s.moved(ctx) {
				_ = s.Reload(ctx) // it has told the log
			}
		}
	}
}

// moved asks registries, without keeping reloads waiting meanwhile.
func (s *Server) moved(ctx context.Context) bool {
	s.reload.Lock()
	loaded := s.modules
	s.reload.Unlock()
	return loaded.Moved(ctx)
}
