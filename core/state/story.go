package state

import (
	"sync"
	"time"
)

// story is what there is to tell of the store.
type story struct {
	mu        sync.Mutex
	told      bool // anything yet
	err       error
	logged    string        // the reason that is in the log
	at        time.Time     // since when
	gap       time.Duration // to the next one
	since     time.Time
	exchanges uint64
	failures  uint64
}

// FleetUsage is a fleet at a moment, for metrics and the admin page.
type FleetUsage struct {
	Up        bool      `json:"up"`              // the store answered last time
	Since     time.Time `json:"since"`           // when that was not so before; zero: it has not been asked
	Error     string    `json:"error,omitempty"` // why it is not up
	Members   int       `json:"members"`         // proxies, as the store said last
	Keys      int       `json:"keys"`            // leased, or known not to be had
	Exchanges uint64    `json:"exchanges"`
	Failures  uint64    `json:"failures"` // of them
}

// A store that stays away may give another reason each time: first that it has not
// been started yet, then that the password is wrong, then a port. They are logged,
// but ever more rarely.
const (
	leastGap = time.Second
	mostGap  = time.Minute
)

// tell takes note of an exchange, and logs where things have changed.
func (f *Fleet) tell(err error) {
	s := &f.story
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exchanges++
	if err != nil {
		s.failures++
	}
	changed := !s.told || (s.err == nil) != (err == nil)
	s.err, s.told = err, true
	now, members := time.Now(), f.members.Load()
	if changed {
		s.since, s.at, s.gap, s.logged = now, now, leastGap, ""
	} else if err == nil || err.Error() == s.logged || now.Sub(s.at) < s.gap {
		return
	}
	if err != nil {
		if s.logged != "" {
			s.at, s.gap = now, min(2*s.gap, mostGap)
		}
		s.logged = err.Error()
		f.o.Log.Warn("the store does not answer: each proxy holds its share of limits of the fleet until it does", "members", members, "err", err)
		return
	}
	f.o.Log.Info("the store answers: limits of the fleet hold over all its proxies", "members", members)
}

// Usage is the fleet's.
func (f *Fleet) Usage() FleetUsage {
	u := FleetUsage{Members: int(f.members.Load())}
	for i := range f.shards {
		s := &f.shards[i]
		s.mu.Lock()
		u.Keys += len(s.leases)
		s.mu.Unlock()
	}
	s := &f.story
	s.mu.Lock()
	defer s.mu.Unlock()
	u.Up, u.Since, u.Exchanges, u.Failures = s.told && s.err == nil, s.since, s.exchanges, s.failures
	if s.err != nil {
		u.Error = s.err.Error()
	}
	return u
}
