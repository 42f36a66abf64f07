// Package file is the source of services whose endpoints are in files. A file is
// read again when it changes; one that is malformed, or not there, changes nothing.
//
// Start at [Source.Watch].
package file

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/discovery"
)

// Source knows services by the paths of their files.
type Source struct {
	log   *slog.Logger
	every time.Duration

	mu     sync.Mutex
	looks  map[*look]bool
	events *events // nil while nothing is watched
}

// New is a source that looks at each file that often, and whenever the system
// tells of a change. Not all file systems tell.
func New(log *slog.Logger, every time.Duration) *Source {
	return &Source{log: log, every: every, looks: map[*look]bool{}}
}

var (
	_ discovery.Source   = (*Source)(nil)
	_ discovery.Reporter = (*Source)(nil)
)

// Watch implements discovery.Source. The service is the path of a file.
func (s *Source) Watch(ctx context.Context, path string, to func([]discovery.Endpoint)) error {
	l := &look{source: s, path: path, to: to, soon: make(chan struct{}, 1)}
	s.begin(l).add(path)
	go func() {
		l.run(ctx)
		s.end(l)
	}()
	return nil
}

func (s *Source) begin(l *look) *events {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks[l] = true
	if s.events == nil {
		s.events = s.listen()
	}
	return s.events
}

func (s *Source) end(l *look) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.looks, l)
	if len(s.looks) == 0 {
		s.events.close()
		s.events = nil
	}
}

// Trouble implements discovery.Reporter.
func (s *Source) Trouble(path string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.looks {
		if l.path == path {
			return l.trouble
		}
	}
	return nil
}

// changed has the files of a folder looked at, or all.
func (s *Source) changed(folder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.looks {
		if folder == "" || l.in(folder) {
			select {
			case l.soon <- struct{}{}:
			default:
			}
		}
	}
}
