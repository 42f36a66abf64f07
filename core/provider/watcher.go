package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/weirproxy/weir/core/abi/guestlog"
	"github.com/weirproxy/weir/core/discovery"
)

// watcher is somebody who wants to know a service. One that is slow hears the
// newest, and keeps nobody else waiting.
type watcher struct {
	ctx  context.Context
	to   func([]discovery.Endpoint)
	news chan struct{}
}

func (w *watcher) wake() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

func (w *watcher) run(s *service) {
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-s.ctx.Done():
			return
		case <-w.news:
		}
		s.mu.Lock()
		list := slices.Clone(s.last)
		s.mu.Unlock()
		for i := range list {
			list[i].Metadata = maps.Clone(list[i].Metadata)
		}
		if w.ctx.Err() != nil {
			return
		}
		w.to(list)
	}
}

// cleaned is a provider's text for logs.
func cleaned(text string) string {
	const most = 500
	if len(text) > most {
		text = text[:most] + "…"
	}
	return guestlog.Clean([]byte(text))
}
