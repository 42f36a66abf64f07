package state

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// dataShards spreads the keys of a namespace, so that lanes rarely meet.
const dataShards = 16

// entryCost is counted for each entry beside its bytes: what the map, the
// entry and their rounding take. Many empty values are then bounded too.
const entryCost = 96

// data is the key-value part of a namespace.
type data struct {
	seed   maphash.Seed
	limit  atomic.Int64 // bytes
	used   atomic.Int64 // bytes; never above limit but where limit was lowered
	shards [dataShards]dataShard
}

type dataShard struct {
	mu      sync.Mutex
	entries map[string]*entry
	cas     uint32 // the last number given out
	soonest int64  // no entry expires before; a lower bound, math.MaxInt64 when none does
	_       [24]byte
}

type entry struct {
	value   []byte
	cas     uint32
	expires int64 // math.MaxInt64: never
}

func (d *data) init() {
	d.seed = maphash.MakeSeed()
	for i := range d.shards {
		d.shards[i].entries = make(map[string]*entry)
		d.shards[i].soonest = math.MaxInt64
	}
}

func (d *data) shard(key []byte) *dataShard {
	return &d.shards[maphash.Bytes(d.seed, key)%dataShards]
}

func (d *data) set(key, value []byte, cas uint32, now, expires int64) (uint32, error) {
	s := d.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(d, key, now)
	if e != nil && cas != 0 && cas != e.cas {
		return 0, ErrMismatch
	}
	if e == nil {
		if !d.reserve(int64(len(key) + len(value) + entryCost)) {
			return 0, ErrFull
		}
		e = &entry{}
		s.entries[string(key)] = e
	} else if !d.reserve(int64(len(value) - len(e.value))) {
		return 0, ErrFull
	}
	if cap(e.value) > 2*len(value) {
		e.value = nil // or a small value would keep a large one's memory
	}
	e.value = append(e.value[:0], value...)
	e.expires = expires
	s.soonest = min(s.soonest, expires)
	e.cas = s.number()
	return e.cas, nil
}

func (d *data) increment(key []byte, delta, now, expires int64) (int64, error) {
	s := d.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(d, key, now)
	if e == nil {
		if !d.reserve(int64(len(key) + 8 + entryCost)) {
			return 0, ErrFull
		}
		e = &entry{value: make([]byte, 8), expires: expires}
		s.entries[string(key)] = e
		s.soonest = min(s.soonest, expires)
	}
	if len(e.value) != 8 {
		return 0, ErrNoNumber
	}
	sum := add(int64(binary.LittleEndian.Uint64(e.value)), delta)
	binary.LittleEndian.PutUint64(e.value, uint64(sum))
	e.cas = s.number()
	return sum, nil
}

// reserve takes delta bytes, which may be negative, unless that exceeds the limit.
func (d *data) reserve(delta int64) bool {
	for {
		used := d.used.Load()
		if delta > 0 && used+delta > d.limit.Load() {
			return false
		}
		if d.used.CompareAndSwap(used, used+delta) {
			return true
		}
	}
}

// sweep removes what has expired.
func (d *data) sweep(now int64) {
	for i := range d.shards {
		s := &d.shards[i]
		s.mu.Lock()
		if s.soonest <= now {
			s.soonest = math.MaxInt64
			for key, e := range s.entries {
				if e.expires <= now {
					s.remove(d, key, e)
				} else {
					s.soonest = min(s.soonest, e.expires)
				}
			}
		}
		s.mu.Unlock()
	}
}

// find is the living entry of key, or nil. The caller holds mu.
func (s *dataShard) find(d *data, key []byte, now int64) *entry {
	e := s.entries[string(key)]
	if e != nil && e.expires <= now {
		s.remove(d, string(key), e)
		return nil
	}
	return e
}

func (s *dataShard) remove(d *data, key string, e *entry) {
	delete(s.entries, key)
	d.reserve(-int64(len(key) + len(e.value) + entryCost))
}

// number is a new compare-and-swap number. A key is always in the same shard,
// so it never gets a number twice before 4 billion others, not even after a
// Delete.
func (s *dataShard) number() uint32 {
	if s.cas++; s.cas == 0 {
		s.cas = 1
	}
	return s.cas
}

func expiry(now int64, ttl time.Duration) int64 {
	if ttl <= 0 {
		return math.MaxInt64
	}
	return add(now, int64(ttl))
}

// add is a + b, held at the ends of an int64.
func add(a, b int64) int64 {
	switch sum := a + b; {
	case a > 0 && b > 0 && sum < 0:
		return math.MaxInt64
	case a < 0 && b < 0 && sum >= 0:
		return math.MinInt64
	default:
		return sum
	}
}
