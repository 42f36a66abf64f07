package circuit

import (
	"hash/maphash"
	"sync"
	"time"
)

// The bounds of a set.
const (
	setShards = 16
	// MaxCircuits is how many keys have a circuit.
	MaxCircuits = 4096
	// idleKept is how long a circuit is kept that nobody asks.
	idleKept = 10 * time.Minute
	// sweepEvery spaces the walks through a full shard.
	sweepEvery = int64(time.Second)
)

// Set holds the circuits of a VM by key.
type Set struct {
	seed   maphash.Seed
	shards [setShards]shard
}

type shard struct {
	mu       sync.Mutex
	circuits map[string]*circuit
	swept    int64
}

// Init makes the set ready.
func (s *Set) Init() { s.seed = maphash.MakeSeed() }

// Decision is what Enter found.
type Decision struct {
	Allowed bool
	State   State
	Retry   time.Duration // open: until the first probe may go
	Permit  Permit        // of an allowed request: to be given back by End
}

// Permit is a request's place in a circuit. The zero value is none's: there was
// no room for the key.
type Permit struct {
	circuit *circuit
	term    uint32
	Probe   bool // it decides whether the circuit closes
}

// Held says whether there is a place to be given back.
func (p *Permit) Held() bool { return p.circuit != nil }

// Enter asks whether a request may go on by the circuit of a key. now is in
// nanoseconds. Where there is no room for a further key it may, uncounted.
func (s *Set) Enter(key []byte, p *Policy, now int64) (Decision, Transition) {
	c := s.find(key, now)
	if c == nil {
		return Decision{Allowed: true}, None
	}
	return c.enter(p, now)
}

// End gives the place back and counts how the request ended. It has no effect a
// second time.
func (p *Permit) End(o Outcome, policy *Policy, now int64) Transition {
	c := p.circuit
	if c == nil {
		return None
	}
	p.circuit = nil
	return c.end(p.term, o, policy, now)
}

func (s *Set) find(key []byte, now int64) *circuit {
	sh := &s.shards[maphash.Bytes(s.seed, key)%setShards]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	c := sh.circuits[string(key)]
	if c != nil {
		return c
	}
	if len(sh.circuits) >= MaxCircuits/setShards {
		if now-sh.swept >= sweepEvery {
			sh.sweep(now)
		}
		if len(sh.circuits) >= MaxCircuits/setShards {
			return nil
		}
	}
	if sh.circuits == nil {
		sh.circuits = make(map[string]*circuit)
	}
	c = &circuit{used: now}
	sh.circuits[string(key)] = c
	return c
}

// Sweep forgets the circuits that nobody has asked for a while.
func (s *Set) Sweep(now int64) {
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		if now-sh.swept >= int64(idleKept)/10 {
			sh.sweep(now)
		}
		sh.mu.Unlock()
	}
}

func (sh *shard) sweep(now int64) {
	sh.swept = now
	for key, c := range sh.circuits {
		c.mu.Lock()
		idle := now-c.used >= int64(idleKept) && (c.state != Open || now-c.until >= int64(idleKept))
		c.mu.Unlock()
		if idle {
			delete(sh.circuits, key)
		}
	}
}

// Count is how many circuits there are, and how many of them are not closed.
func (s *Set) Count() (all, broken int) {
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		all += len(sh.circuits)
		for _, c := range sh.circuits {
			c.mu.Lock()
			if c.state != Closed {
				broken++
			}
			c.mu.Unlock()
		}
		sh.mu.Unlock()
	}
	return all, broken
}
