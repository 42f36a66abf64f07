package state

import (
	"context"
	"time"
)

// The pace of exchanges. At least one is made in heartbeat, so that this proxy
// counts as a member.
const (
	spacing   = 5 * time.Millisecond
	heartbeat = 2 * time.Second
	patience  = time.Second // with one exchange
	// retryPause spaces exchanges that fail.
	retryPause = 100 * time.Millisecond
)

// Run asks the store for what requests need, until ctx is over.
func (f *Fleet) Run(ctx context.Context) {
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-f.wake:
		}
		pause := f.Round(ctx)
		rest := time.NewTimer(spacing)
		if !f.up.Load() {
			rest.Reset(retryPause)
			pause = 0
		}
		select {
		case <-ctx.Done():
			rest.Stop()
			return
		case <-rest.C:
		}
		t.Reset(pause)
	}
}

// Round is one exchange. It says when another one is due.
func (f *Fleet) Round(ctx context.Context) time.Duration {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return f.exchange(within)
}

// adapt has a store asked about fewer keys at once where it takes too long.
func (f *Fleet) adapt(err error) {
	if err != nil {
		f.room = max(leastAsks, f.room/2)
	} else if time.Duration(f.took.Load()) < patience/8 {
		f.room = min(MaxAsks, 2*f.room)
	}
}

// leastAsks is how many keys a store is asked about at once, at least.
const leastAsks = 64

// batch is what is asked at once.
type batch struct {
	asks   []Ask
	leases []*lease
	shards []*leaseShard
	next   int64 // when another one is due
	more   bool  // there was no room for all that is due
}

// collect makes asks of what is due, for units only if lend is true.
func (f *Fleet) collect(now int64, lend bool) *batch {
	b := &batch{next: now + int64(heartbeat)}
	from := f.from
	for i := range f.shards {
		s := &f.shards[(from+i)%rateShards]
		s.mu.Lock()
		kept := s.busy[:0]
		for _, l := range s.busy {
			if l.due <= now && l.rests() {
				l.queued = false
				continue
			}
			if l.due <= now && len(b.asks) >= f.room {
				if !b.more {
					b.more, f.from = true, (from+i)%rateShards // these come first then
				}
			} else if l.due <= now {
				b.asks, b.leases, b.shards = append(b.asks, l.ask(now, lend)), append(b.leases, l), append(b.shards, s)
			}
			kept = append(kept, l)
			b.next = min(b.next, l.due)
		}
		clear(s.busy[len(kept):])
		s.busy = kept
		s.mu.Unlock()
	}
	return b
}

// sweep forgets keys that nobody asks about, once what the store said of them
// does not hold any more. Where there is room that is when they are as if never
// used: until then a store that forgets is told.
func (f *Fleet) sweep(now int64) {
	roomy := f.o.Keys / rateShards / 2
	for i := range f.shards {
		s := &f.shards[i]
		s.mu.Lock()
		for k, l := range s.leases {
			if until := max(l.heard, l.retry); !l.queued && now >= until && (now >= l.reset || len(s.leases) > roomy) {
				delete(s.leases, k)
			}
		}
		s.mu.Unlock()
	}
}
