// Package state is what crosses streams: shared data, counters, rate limits
// and queues of filters. It lives in the host, so that a limit holds exactly
// over all instances of a filter, after a trap and through a reload. Guest
// memory holds none of it.
//
// Everything is bounded. A namespace that is full refuses what is new and
// keeps what it has: nothing that a filter counted is ever forgotten early.
//
// Start at [Store] and [Namespace].
package state

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/circuit"
)

// Options make a store. Zero fields mean the defaults.
type Options struct {
	Now        func() int64 // nanoseconds of a clock that never goes back; default: the process's monotonic clock
	Bytes      int64        // per namespace, keys and values with what they cost to keep; default 1 MiB
	RateKeys   int          // per namespace, rate limits kept one by one; default 100,000
	QueueItems int          // per queue; default 1024
	QueueBytes int64        // per queue; default 1 MiB
}

// Store holds the namespaces and queues of a process. It outlives snapshots.
type Store struct {
	o      Options
	queues Queues
	fleet  atomic.Pointer[Fleet] // nil: this proxy is alone

	mu     sync.Mutex
	spaces map[string]*Namespace // guarded by mu
}

// New makes an empty store.
func New(o Options) *Store {
	if o.Now == nil {
		begin := time.Now()
		o.Now = func() int64 { return int64(time.Since(begin)) }
	}
	if o.Bytes <= 0 {
		o.Bytes = 1 << 20
	}
	if o.RateKeys <= 0 {
		o.RateKeys = 100_000
	}
	if o.QueueItems <= 0 {
		o.QueueItems = 1024
	}
	if o.QueueBytes <= 0 {
		o.QueueBytes = 1 << 20
	}
	s := &Store{o: o, spaces: make(map[string]*Namespace)}
	s.queues.items, s.queues.bytes = o.QueueItems, o.QueueBytes
	return s
}

// Open finds a namespace, or makes it. bytes bounds its data; 0 means the
// store's default, and the bound of the last Open holds. Each Open needs its
// Close: a reload opens before it closes, so its filters find what they left.
func (s *Store) Open(name string, bytes int64) *Namespace {
	if bytes <= 0 {
		bytes = s.o.Bytes
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.spaces[name]
	if n == nil {
		n = newNamespace(s, name)
		s.spaces[name] = n
	}
	n.data.limit.Store(bytes)
	n.users++
	return n
}

// Queues are the queues of all VMs.
func (s *Store) Queues() *Queues { return &s.queues }

// Sweep removes what has expired. It is called every second or so.
func (s *Store) Sweep() {
	now := s.o.Now()
	if f := s.fleet.Load(); f != nil {
		f.sweep(now)
	}
	for _, n := range s.all() {
		n.data.sweep(now)
		n.rates.sweep(now)
		n.circuits.Sweep(now)
	}
}

// all is a copy, so that what is done to each holds up no Open.
func (s *Store) all() []*Namespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.spaces))
}

// Namespace is what the filters of one VM name share.
type Namespace struct {
	store *Store
	name  string
	users int // guarded by store.mu

	data     data
	rates    rates
	circuits circuit.Set
}

func newNamespace(s *Store, name string) *Namespace {
	n := &Namespace{store: s, name: name}
	n.data.init()
	n.rates.init(s.o.RateKeys)
	n.circuits.Init()
	return n
}

// Circuits are the namespace's.
func (n *Namespace) Circuits() *circuit.Set { return &n.circuits }

// Now is the clock that rates and circuits go by, in nanoseconds.
func (n *Namespace) Now() int64 { return n.store.o.Now() }

// Name is the namespace's name.
func (n *Namespace) Name() string { return n.name }

// Close gives back one Open. The last one frees the namespace.
func (n *Namespace) Close() {
	n.store.mu.Lock()
	defer n.store.mu.Unlock()
	if n.users--; n.users == 0 {
		delete(n.store.spaces, n.name)
	}
}
