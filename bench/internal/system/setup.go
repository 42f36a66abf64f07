package system

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/weirproxy/weir/bench/internal/proc"
	"github.com/weirproxy/weir/core/sock"
)

// grace is how long a process may take to end by itself.
const grace = 3 * time.Second

// Setup is what the systems of a benchmark have in common.
type Setup struct {
	Root     string // of the checkout
	Dir      string // for configurations, logs and the compile cache; the caller removes it
	Self     string // the benchmark's own executable, which is origin and loop too
	Language string // of the header filter: "c" or "wat"

	// SelfArgs come before what Self is told, where it is another program's part.
	SelfArgs []string
	// Weir is its executable's path; "" for the checkout's.
	Weir string
	// OwnLoad says that the caller brings the load: no generator is needed.
	OwnLoad bool
	// UserCache says that Weir's compiled modules are in the user's cache, where they
	// were before the run and will be after it.
	UserCache bool

	tools    map[string]string // by name, where
	upstream string
	shown    map[KeyKind]bool // certificates that were made
	paired   bool             // those of pairs were

	mu      sync.Mutex
	started []*proc.Process
	held    []int // sockets
}

// Running is a system that takes requests.
type Running struct {
	System
	*proc.Process
	Addr  string
	URL   string // of replies
	Admin string // of the admin's door, where there is one

	behind *Running // the second of a pair
}

// Prepare finds and builds what the systems need, and starts the origin. Close
// ends it.
func (s *Setup) Prepare(ctx context.Context, systems []System) error {
	s.tools = map[string]string{}
	if err := s.locate(systems); err != nil {
		return err
	}
	if err := s.build(ctx, systems); err != nil {
		return err
	}
	if err := s.certify(systems); err != nil {
		return err
	}
	addr, err := s.hold()
	if err != nil {
		return err
	}
	s.upstream = addr
	p, err := s.Run(proc.Spec{Name: "origin", Path: s.Self, Args: s.self("origin", "--listen", addr)})
	if err != nil {
		return err
	}
	return await(ctx, asker, &Running{Process: p}, "http://"+addr, time.Millisecond)
}

// Wrk and H2load are the load generators' paths, where a system needs them.
func (s *Setup) Wrk() string    { return s.tools[wrk] }
func (s *Setup) H2load() string { return s.tools[h2load] }

// Start runs a system, waits until it takes requests and checks that it does
// with them what it is measured for.
func (s *Setup) Start(ctx context.Context, sys System) (*Running, error) {
	r, err := s.Launch(ctx, sys, 10*time.Millisecond)
	if err != nil {
		return nil, err
	}
	err = check(ctx, sys.client(), r.URL, sys.wants)
	if err == nil && r.behind != nil {
		err = refusesStrangers(ctx, r.behind)
	}
	if err != nil {
		return nil, fmt.Errorf("checking %q: %w", sys.Name, err)
	}
	return r, nil
}

// Launch runs a system and asks every interval until it has answered.
func (s *Setup) Launch(ctx context.Context, sys System, interval time.Duration) (*Running, error) {
	upstream := s.upstream
	var behind *Running
	if sys.hop == front {
		var err error
		if behind, err = s.begin(sys.second(), upstream); err != nil {
			return nil, err
		}
		upstream = behind.Addr
	}
	r, err := s.begin(sys, upstream)
	if err != nil {
		return nil, err
	}
	r.behind = behind
	return r, await(ctx, sys.client(), r, r.URL, interval)
}

// begin runs one process of a system.
func (s *Setup) begin(sys System, upstream string) (*Running, error) {
	addr, err := s.hold()
	if err != nil {
		return nil, err
	}
	at := addresses{Addr: addr, Upstream: upstream}
	if sys.guest == collect {
		if at.Admin, err = s.hold(); err != nil {
			return nil, err
		}
	}
	spec, err := sys.spec(s, sys, at)
	if err != nil {
		return nil, err
	}
	spec.Name = sys.Name
	p, err := s.Run(spec)
	if err != nil {
		return nil, err
	}
	scheme := "http://"
	if sys.key != "" {
		scheme = "https://"
	}
	return &Running{System: sys, Process: p, Addr: addr, URL: scheme + addr + prefix, Admin: "http://" + at.Admin}, nil
}

// self are the arguments of our own executable.
func (s *Setup) self(args ...string) []string { return slices.Concat(s.SelfArgs, args) }

// Upstream is where the origin listens.
func (s *Setup) Upstream() string { return s.upstream }

// Run starts a process that ends with the others.
func (s *Setup) Run(spec proc.Spec) (*proc.Process, error) {
	spec.Dir = s.Dir
	p, err := proc.Start(spec)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.started = append(s.started, p)
	s.mu.Unlock()
	return p, nil
}

// Close ends every process, at the same time.
func (s *Setup) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all sync.WaitGroup
	for _, p := range s.started {
		all.Go(func() { p.Stop(grace) })
	}
	all.Wait()
	s.started = nil
	for _, socket := range s.held {
		_ = syscall.Close(socket)
	}
	s.held = nil
}

// hold gives an address at which nothing listens, and which is held until Close.
func (s *Setup) hold() (string, error) {
	fd, addr, err := sock.Hold()
	if err != nil {
		return "", fmt.Errorf("finding a free port: %w", err)
	}
	s.mu.Lock()
	s.held = append(s.held, fd)
	s.mu.Unlock()
	return addr, nil
}

// Cache is where Weir keeps its compiled modules, "" for where it does by itself.
func (s *Setup) Cache() string {
	if s.UserCache {
		return ""
	}
	return filepath.Join(s.Dir, "cache")
}

// Stop ends a system before the others.
func (s *Setup) Stop(r *Running) {
	r.Process.Stop(grace)
	if r.behind != nil {
		s.Stop(r.behind)
	}
}
