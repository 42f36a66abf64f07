package discovery

import (
	"context"
	"slices"
	"sync"
	"time"
)

// feed is what a source says of one service, for all who want to know.
type feed struct {
	registry *Registry
	asked    question
	stop     context.CancelFunc
	ctx      context.Context
	users    int           // guarded by registry.mu
	known    chan struct{} // closed by the first answer

	mu        sync.Mutex // held while subscribers are told
	endpoints []Endpoint
	changed   time.Time // zero before the first answer
	subs      []*Subscription
}

func newFeed(r *Registry, q question) *feed {
	f := &feed{registry: r, asked: q, known: make(chan struct{})}
	f.ctx, f.stop = context.WithCancel(context.Background())
	return f
}

// hear takes an answer of the source.
func (f *feed) hear(list []Endpoint) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ctx.Err() != nil {
		return
	}
	if len(list) > MaxEndpoints {
		f.registry.log.Error("a list of endpoints is not taken: it is too long; what was known stays in use",
			"service", f.asked.service, "endpoints", len(list), "at_most", MaxEndpoints)
		return
	}
	switch known := !f.changed.IsZero(); {
	case !known:
		close(f.known)
	case slices.EqualFunc(list, f.endpoints, Endpoint.equal):
		return
	}
	f.endpoints = list
	f.changed = time.Now()
	for _, s := range f.subs {
		s.to(list)
	}
}

// join makes a subscription, and tells it what is known.
func (f *feed) join(to func([]Endpoint)) *Subscription {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &Subscription{feed: f, to: to}
	f.subs = append(f.subs, s)
	if !f.changed.IsZero() {
		to(f.endpoints)
	}
	return s
}

// Subscription is one who wants to know of a service.
type Subscription struct {
	feed *feed
	to   func([]Endpoint)
	once sync.Once
}

// Known is closed when the source has answered, ever.
func (s *Subscription) Known() <-chan struct{} { return s.feed.known }

// State is how a service's discovery fares.
type State struct {
	Service string
	Changed time.Time // when its endpoints last changed; zero before the first answer
	Err     error     // why its source hears nothing now, nil if it does or does not tell
}

// State is that of this moment.
func (s *Subscription) State() State {
	f := s.feed
	f.mu.Lock()
	d := State{Service: f.asked.service, Changed: f.changed}
	f.mu.Unlock()
	if r, ok := f.asked.source.(Reporter); ok {
		d.Err = r.Trouble(f.asked.service)
	}
	return d
}

// Close ends the subscription: nothing is told any more when it returns.
func (s *Subscription) Close() {
	s.once.Do(func() {
		f := s.feed
		f.mu.Lock()
		f.subs = slices.DeleteFunc(f.subs, func(o *Subscription) bool { return o == s })
		f.mu.Unlock()
		f.registry.leave(f)
	})
}
