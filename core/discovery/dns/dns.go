// Package dns is the source of services whose endpoints are names in DNS: those of
// A and AAAA records, with a port that is known, and those of SRV records (RFC 2782).
//
// Names are asked for again and again, whatever the records' time to live: the
// system's resolver does not tell it. What cannot be asked for stays as it was. That
// there is none is believed when the server has said so three times in a row: a
// server that has just lost its zone must not empty what works.
//
// Start at [Source.Watch].
package dns

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/sock"
)

// Options make a Source.
type Options struct {
	Server  string        // "ip:port" of the server that is asked; "" for the system's
	Refresh time.Duration // from one question to the next, give or take 10 %
	Log     *slog.Logger
}

// Source knows services by name: "orders.internal:8080", or "_http._tcp.orders.internal"
// for SRV records, which have no port.
type Source struct {
	opt      Options
	resolver *net.Resolver

	mu      sync.Mutex
	trouble map[string]error // by service
}

// New is a source.
func New(o Options) *Source {
	s := &Source{opt: o, resolver: net.DefaultResolver, trouble: map[string]error{}}
	if o.Server != "" {
		s.resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return sock.Dialer(net.Dialer{}).DialContext(ctx, network, o.Server)
		}}
	}
	return s
}

var (
	_ discovery.Source   = (*Source)(nil)
	_ discovery.Reporter = (*Source)(nil)
)

// patience is how long a question may take with all that follow from it.
const patience = 10 * time.Second

// doubts is how often in a row a server must say that there is nothing.
const doubts = 3

// Watch implements discovery.Source.
func (s *Source) Watch(ctx context.Context, service string, to func([]discovery.Endpoint)) error {
	w := &watch{source: s, service: service, to: to}
	q, err := w.question()
	if err != nil {
		return err
	}
	go w.run(ctx, q)
	return nil
}

// Trouble implements discovery.Reporter.
func (s *Source) Trouble(service string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trouble[service]
}

// note takes the outcome of a question, and says whether it is news.
func (s *Source) note(service string, err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.trouble[service]
	if err == nil {
		delete(s.trouble, service)
		return was != nil
	}
	s.trouble[service] = err
	return was == nil
}

// watch asks for one service.
type watch struct {
	source  *Source
	service string
	to      func([]discovery.Endpoint)
	known   bool
	last    []discovery.Endpoint
	empty   int // answers in a row that there is none
}

// question asks once. trouble beside a list says that not all of it was heard anew.
type question func(ctx context.Context) (list []discovery.Endpoint, trouble error)

func (w *watch) question() (question, error) {
	hosts := &hosts{resolver: w.source.resolver, rooted: w.source.opt.Server != "", known: map[string]*families{}}
	if !strings.Contains(w.service, ":") {
		return (&records{hosts, w.service}).ask, nil
	}
	host, port, err := hostPort(w.service)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([]discovery.Endpoint, error) {
		addrs, err := hosts.ask(ctx, host)
		return endpoints(addrs, port, 1), err
	}, nil
}

func (w *watch) run(ctx context.Context, ask question) {
	defer w.source.note(w.service, nil)
	for failures := 0; ; {
		bounded, cancel := context.WithTimeout(ctx, patience)
		list, err := ask(bounded)
		cancel()
		if ctx.Err() != nil {
			return
		}
		log := w.source.opt.Log
		switch news := w.source.note(w.service, err); {
		case news && err != nil:
			log.Warn("a name cannot be asked for; what was known stays in use", "name", w.service, "err", err)
		case news:
			log.Info("a name can be asked for again", "name", w.service)
		}
		if failures++; err == nil {
			failures = 0
		}
		if err == nil || len(list) > 0 {
			w.take(list)
		}
		if !w.pause(ctx, failures) {
			return
		}
	}
}

// take makes use of an answer.
func (w *watch) take(list []discovery.Endpoint) {
	if len(list) > 0 {
		w.empty = 0
	} else if w.empty++; len(w.last) > 0 && w.empty < doubts {
		w.source.opt.Log.Warn("a name is said to have no addresses; what was known stays in use until that is said again",
			"name", w.service, "times", w.empty, "believed_at", doubts)
		return
	}
	slices.SortFunc(list, func(a, b discovery.Endpoint) int { return strings.Compare(a.Addr, b.Addr) })
	if w.known && slices.EqualFunc(list, w.last, func(a, b discovery.Endpoint) bool { return a.Addr == b.Addr && a.Weight == b.Weight }) {
		return
	}
	w.known, w.last = true, list
	w.to(slices.Clone(list))
}

// soonest is when a question is repeated that was not answered, at first.
const soonest = 100 * time.Millisecond

// pause waits for the time of the next question: sooner after failures.
func (w *watch) pause(ctx context.Context, failures int) bool {
	d := w.source.opt.Refresh
	if failures > 0 {
		d = min(d, soonest<<min(failures-1, 20))
	}
	t := time.NewTimer(time.Duration(float64(d) * (0.9 + 0.2*rand.Float64())))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
