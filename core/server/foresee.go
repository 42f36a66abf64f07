package server

import (
	"context"
	"os"
	"sync"

	"github.com/weirproxy/weir/core/source"
)

// foresight compiles modules that have changed while it is still looked whether
// their files are written to the end: most are, and the reload then finds the
// code. It compiles one thing at a time, and starts nothing.
type foresight struct {
	last    map[string]sight // of modules, when they were compiled last
	running sync.WaitGroup
	busy    chan struct{} // holds a token while it compiles
}

func newForesight() foresight {
	return foresight{last: map[string]sight{}, busy: make(chan struct{}, 1)}
}

// foresee looks which modules have changed, and compiles the first for the
// filters that name it. Where modules must be signed nothing is done before that
// was looked into.
func (s *Server) foresee(ctx context.Context) {
	select {
	case s.foresight.busy <- struct{}{}:
	default:
		return
	}
	if !s.foreseeFirst(ctx) {
		<-s.foresight.busy
	}
}

// foreseeFirst says whether it has begun; who compiles gives the token back.
func (s *Server) foreseeFirst(ctx context.Context) bool {
	if !s.reload.TryLock() {
		return false // a reload finds out by itself
	}
	defer s.reload.Unlock()
	f := &filters{server: s, cfg: s.cfg.Load()}
	for _, t := range f.cfg.Filters {
		before, local := s.seen.files[t.Module]
		now := glance(t.Module)
		if !local || f.cfg.Wasm.Signed(&t) || now.size == 0 || now.size > source.MaxModule ||
			before.unchanged(now) || s.foresight.last[t.Module] == now {
			continue
		}
		s.foresight.last[t.Module] = now
		code, err := os.ReadFile(t.Module)
		if err != nil {
			continue
		}
		limits := f.limits(&t, code)
		s.foresight.running.Go(func() {
			s.engine.Foresee(ctx, code, limits)
			<-s.foresight.busy
		})
		return true
	}
	return false
}
