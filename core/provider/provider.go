package provider

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/weirproxy/weir/core/abi/guestlog"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/provider/contract"
)

// Provider is a provider: a program, its process at most one at a time, and the
// services that it is asked for.
type Provider struct {
	o   Options
	log *slog.Logger
	out guestlog.Limit

	ctx    context.Context
	cancel context.CancelFunc
	ended  sync.WaitGroup

	mu       sync.Mutex
	running  bool  // it has been asked for something
	life     *life // nil while there is none
	turned   chan struct{}
	services map[string]*service
	starts   uint64
	since    time.Time // the state's
	err      error     // why the last process ended, or did not start
}

var (
	_ discovery.Source   = (*Provider)(nil)
	_ discovery.Reporter = (*Provider)(nil)
)

// New makes a provider. Its program is started once it is asked for a service.
func New(o Options) *Provider {
	p := &Provider{o: o, log: o.Log, turned: make(chan struct{}), services: map[string]*service{}, since: time.Now()}
	if len(p.o.Serves) == 0 {
		p.o.Serves = []string{contract.Discovers}
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	p.log = p.log.With("provider", o.Name)
	p.out.Init(linesASecond)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// Watch implements [discovery.Source]. What was known of a service before is
// told at once, also while the provider is not there.
func (p *Provider) Watch(ctx context.Context, name string, to func([]discovery.Endpoint)) error {
	switch {
	case name == "":
		return fmt.Errorf("provider %q: the service has no name", p.o.Name)
	case len(name) > maxService || !utf8.ValidString(name):
		return fmt.Errorf("provider %q: the service's name has more than %d bytes, or is not UTF-8", p.o.Name, maxService)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return fmt.Errorf("provider %q: it is closed", p.o.Name)
	}
	s := p.services[name]
	if s == nil {
		s = newService(p, name)
		p.services[name] = s
		p.ended.Go(s.follow)
	}
	w := &watcher{ctx: ctx, to: to, news: make(chan struct{}, 1)}
	s.add(w)
	p.ended.Go(func() {
		w.run(s)
		p.leave(s, w)
	})
	p.start()
	return nil
}

// start has a process run from now on. The caller holds mu.
func (p *Provider) start() {
	if !p.running {
		p.running, p.since = true, time.Now()
		p.ended.Go(p.run)
	}
}

// leave takes a watcher away; a service that nobody watches is not asked for.
func (p *Provider) leave(s *service, w *watcher) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.remove(w) == 0 && p.services[s.name] == s {
		delete(p.services, s.name)
		s.cancel()
	}
}

// Close ends the process, and all that watches. It waits for both.
func (p *Provider) Close() {
	p.mu.Lock()
	p.cancel()
	p.mu.Unlock()
	p.ended.Wait()
}

// run keeps a process running.
func (p *Provider) run() {
	wait := backoff{most: processWait}
	for p.ctx.Err() == nil {
		l, err := begin(p.ctx, &p.o, p.output)
		if err == nil {
			err = p.use(l)
			wait.since(l.began)
		}
		if p.ctx.Err() != nil {
			return
		}
		p.turn(nil, err)
		p.log.Error("the provider is not there: what it said last stays in use, and it is started again", "err", err)
		if !wait.wait(p.ctx) {
			return
		}
	}
}

// use lets services ask a process as long as it is well.
func (p *Provider) use(l *life) error {
	p.turn(l, nil)
	p.log.Info("provider started", "pid", l.child.ID(), "took", time.Since(l.began).Round(time.Millisecond))
	err := l.last(p.ctx)
	p.turn(nil, err)
	if p.ctx.Err() != nil {
		l.end()
		return err
	}
	l.kill()
	return err
}

// turn says which process there is.
func (p *Provider) turn(l *life, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l != nil {
		p.starts++
	}
	if l != nil || p.life != nil {
		p.since = time.Now()
	}
	p.life, p.err = l, err
	close(p.turned)
	p.turned = make(chan struct{})
}

// there waits for a process; nil once ctx is over.
func (p *Provider) there(ctx context.Context) *life {
	for {
		p.mu.Lock()
		l, turned := p.life, p.turned
		p.mu.Unlock()
		if l != nil {
			return l
		}
		select {
		case <-ctx.Done():
			return nil
		case <-turned:
		}
	}
}

func (p *Provider) output() *output { return &output{log: p.log, limit: &p.out} }
