package discovery

import (
	"fmt"
	"log/slog"
	"sync"
)

// Registry holds sources by name, and watches each service of a source once,
// whoever asks. What was heard is kept as long as anybody is subscribed.
type Registry struct {
	log *slog.Logger

	mu      sync.Mutex
	sources map[string]Source
	feeds   map[question]*feed
}

// question is what a source is asked.
type question struct {
	source  Source
	service string
}

// NewRegistry is one without sources.
func NewRegistry(log *slog.Logger) *Registry {
	return &Registry{log: log, sources: map[string]Source{}, feeds: map[question]*feed{}}
}

// Add puts a source in, which must be comparable. It takes the place of one of the
// same name, whose subscriptions go on.
func (r *Registry) Add(name string, s Source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sources[name] = s
}

// Has says whether there is a source of that name.
func (r *Registry) Has(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sources[name] != nil
}

// Subscribe has to called with all endpoints of a service: at once if they are
// known, and after each change, until the subscription is closed. Calls come one
// at a time; the list is not changed, by nobody.
func (r *Registry) Subscribe(source, service string, to func([]Endpoint)) (*Subscription, error) {
	f, err := r.feed(source, service)
	if err != nil {
		return nil, fmt.Errorf("discovering %q: %w", service, err)
	}
	return f.join(to), nil
}

// feed is that of a service, for one more user.
func (r *Registry) feed(source, service string) (*feed, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sources[source]
	if s == nil {
		return nil, fmt.Errorf("there is no source %q", source)
	}
	q := question{s, service}
	f := r.feeds[q]
	if f == nil {
		f = newFeed(r, q)
		if err := s.Watch(f.ctx, service, f.hear); err != nil {
			f.stop()
			return nil, fmt.Errorf("asking %s: %w", source, err)
		}
		r.feeds[q] = f
	}
	f.users++
	return f, nil
}

// leave ends a feed that nobody uses.
func (r *Registry) leave(f *feed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f.users--; f.users == 0 {
		f.stop()
		delete(r.feeds, f.asked)
	}
}
