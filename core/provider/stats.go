package provider

import (
	"slices"
	"strings"
	"time"
)

// The states of a provider.
const (
	Idle    = "idle"    // nobody has asked it for anything
	Down    = "down"    // its process starts, or will be started again
	Running = "running" // its process answers
)

// Stats are a provider at a moment.
type Stats struct {
	Name     string    `json:"name"`
	State    string    `json:"state"`
	Since    time.Time `json:"since"`           // the state's beginning
	PID      string    `json:"pid,omitempty"`   // while it runs
	Starts   uint64    `json:"starts"`          // of processes that came to run, ever
	Error    string    `json:"error,omitempty"` // why it is down
	Services []Service `json:"services"`
}

// Service is what is known of a service that somebody watches.
type Service struct {
	Name      string     `json:"name"`
	Known     bool       `json:"known"` // false: nothing was ever said of it
	Endpoints int        `json:"endpoints"`
	Version   uint64     `json:"version"`
	Changed   *time.Time `json:"changed,omitempty"` // when that was said
	Stale     *time.Time `json:"stale,omitempty"`   // since when nobody vouches for it any more; nil: somebody does
	Error     string     `json:"error,omitempty"`   // why
}

// Stats are the provider's, services by name.
func (p *Provider) Stats() Stats {
	p.mu.Lock()
	s := Stats{Name: p.o.Name, State: Idle, Since: p.since, Starts: p.starts, Services: []Service{}}
	switch {
	case p.life != nil:
		s.State, s.PID = Running, p.life.child.ID()
	case p.running:
		s.State, s.Error = Down, text(p.err)
	}
	services := make([]*service, 0, len(p.services))
	for _, one := range p.services {
		services = append(services, one)
	}
	p.mu.Unlock()
	for _, one := range services {
		s.Services = append(s.Services, one.stats())
	}
	slices.SortFunc(s.Services, func(a, b Service) int { return strings.Compare(a.Name, b.Name) })
	return s
}

// Trouble implements [discovery.Reporter].
func (p *Provider) Trouble(name string) error {
	p.mu.Lock()
	s := p.services[name]
	p.mu.Unlock()
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *service) stats() Service {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Service{
		Name: s.name, Known: s.known, Endpoints: len(s.last), Version: s.version,
		Changed: moment(s.changed), Stale: moment(s.stale), Error: text(s.err),
	}
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
