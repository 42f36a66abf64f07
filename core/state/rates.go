package state

import (
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"
)

const (
	rateShards = 32
	crowdCells = 8  // shared counters a shard and rate
	crowdRates = 16 // rates a shard that have shared counters
	// walkEvery spaces the walks for expired cells in a full shard, in nanoseconds.
	walkEvery = 100_000_000
)

// rates is the rate limit part of a namespace. Cells are found by 128 bits of
// keyed hash instead of the key: the maps then hold no pointers, and the
// collector never looks at them.
type rates struct {
	seeds   [2]maphash.Seed
	most    int // cells a shard
	crowded atomic.Uint64
	shards  [rateShards]rateShard
}

type rateShard struct {
	mu      sync.Mutex
	cells   map[cellKey]cell
	crowd   map[Rate]*[crowdCells]cell
	soonest int64 // no cell expires before; a lower bound
	walked  int64 // when the cells were last gone through
}

type cellKey [2]uint64

func (t *rates) init(keys int) {
	t.seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	t.most = max(1, keys/rateShards)
	for i := range t.shards {
		t.shards[i].cells = make(map[cellKey]cell)
		t.shards[i].soonest = math.MaxInt64
		t.shards[i].walked = math.MinInt64
	}
}

// Take asks for cost units of the limit that key names, in one step: it
// decides, and counts if it allows. A cost of 0 only looks. A key names one
// limit; where its rate changes, what was counted goes on counting.
//
// When there is no room for another key, new keys share counters, several to
// one: each of them still gets no more than its rate, perhaps less. Keys that
// have their own keep it. No flood of keys frees any of them.
func (n *Namespace) Take(key []byte, cost int64, r Rate) (Decision, error) {
	if len(key) > MaxKey {
		return Decision{}, ErrTooLarge
	}
	if err := r.check(cost); err != nil {
		return Decision{}, err
	}
	now := n.store.o.Now()
	if r.Fleet {
		if f := n.store.fleet.Load(); f != nil {
			return f.take(n, key, cost, &r, now), nil
		}
	}
	return n.rates.take(n.rates.keyOf(key, &r), cost, &r, now, nil), nil
}

func (t *rates) keyOf(key []byte, r *Rate) cellKey {
	return cellKey{maphash.Bytes(t.seeds[0], key) ^ uint64(r.Algorithm), maphash.Bytes(t.seeds[1], key)}
}

// take decides by the cell of a key, which learns first what else is known of it.
func (t *rates) take(k cellKey, cost int64, r *Rate, now int64, known *cell) Decision {
	s := &t.shards[k[0]/2%rateShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	c, own := s.cells[k]
	if !own {
		if shared := s.shared(k, r); shared != nil && shared.expires > now {
			c = *shared // what it took there counts on in a cell of its own
		}
		if len(s.cells) >= t.most && !s.walk(now, t.most) {
			t.crowded.Add(1)
			return s.takeShared(k, cost, r, now)
		}
	}
	if known != nil {
		c.learn(known, r, now)
	}
	d := c.take(r, cost, now)
	if d.Allowed && cost > 0 {
		s.cells[k] = c
		s.soonest = min(s.soonest, c.expires)
	}
	return d
}

// shared is the counter that k shares, or nil where there is none yet.
func (s *rateShard) shared(k cellKey, r *Rate) *cell {
	if cells := s.crowd[*r]; cells != nil {
		return &cells[k[1]%crowdCells]
	}
	return nil
}

func (s *rateShard) takeShared(k cellKey, cost int64, r *Rate, now int64) Decision {
	c := s.shared(k, r)
	if c == nil {
		if len(s.crowd) >= crowdRates {
			return Decision{Crowded: true, Retry: r.Period}
		}
		if s.crowd == nil {
			s.crowd = make(map[Rate]*[crowdCells]cell)
		}
		s.crowd[*r] = new([crowdCells]cell)
		c = s.shared(k, r)
	}
	d := c.take(r, cost, now)
	d.Crowded = true
	return d
}

// walk removes expired cells of a full shard and says whether there is room.
func (s *rateShard) walk(now int64, most int) bool {
	if s.soonest > now || now < s.walked+walkEvery {
		return false
	}
	s.clean(now)
	return len(s.cells) < most
}

func (s *rateShard) clean(now int64) {
	s.walked, s.soonest = now, math.MaxInt64
	for k, c := range s.cells {
		if c.expires <= now {
			delete(s.cells, k)
		} else {
			s.soonest = min(s.soonest, c.expires)
		}
	}
	if len(s.cells) == 0 {
		s.cells = make(map[cellKey]cell) // a map keeps the size it once had
	}
}

// sweep removes what has expired.
func (t *rates) sweep(now int64) {
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		if s.soonest <= now {
			s.clean(now)
		}
		for r, cells := range s.crowd {
			if expired(cells, now) {
				delete(s.crowd, r)
			}
		}
		s.mu.Unlock()
	}
}

func expired(cells *[crowdCells]cell, now int64) bool {
	for i := range cells {
		if cells[i].expires > now {
			return false
		}
	}
	return true
}

// RateKeys is the number of keys that have a counter of their own.
func (n *Namespace) RateKeys() int {
	sum := 0
	for i := range n.rates.shards {
		s := &n.rates.shards[i]
		s.mu.Lock()
		sum += len(s.cells)
		s.mu.Unlock()
	}
	return sum
}
