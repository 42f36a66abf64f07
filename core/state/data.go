package state

import "time"

// Get appends the value of key to dst. cas is the number that a later Set
// may compare with; it is never 0.
func (n *Namespace) Get(dst, key []byte) (value []byte, cas uint32, ok bool) {
	now := n.store.o.Now()
	s := n.data.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(&n.data, key, now)
	if e == nil {
		return dst, 0, false
	}
	return append(dst, e.value...), e.cas, true
}

// Version is the number of key's value as Get answers it, and 0 while there is none. A
// key never has one number for two values, be it deleted in between.
func (n *Namespace) Version(key []byte) uint32 {
	now := n.store.o.Now()
	s := n.data.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.find(&n.data, key, now); e != nil {
		return e.cas
	}
	return 0
}

// Set stores a copy of value. With a cas other than 0 it does so only if key
// still has that number or does not exist. The new number is answered. A ttl
// of 0 means for good.
func (n *Namespace) Set(key, value []byte, cas uint32, ttl time.Duration) (uint32, error) {
	if len(key) > MaxKey || len(value) > MaxValue {
		return 0, ErrTooLarge
	}
	now := n.store.o.Now()
	next, err := n.data.set(key, value, cas, now, expiry(now, ttl))
	if err == ErrFull {
		n.data.sweep(now)
		next, err = n.data.set(key, value, cas, now, expiry(now, ttl))
	}
	return next, err
}

// Delete removes key, with the same condition on cas as Set. It answers
// ErrNotFound for an absent one.
func (n *Namespace) Delete(key []byte, cas uint32) error {
	now := n.store.o.Now()
	s := n.data.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.find(&n.data, key, now)
	if e == nil {
		return ErrNotFound
	}
	if cas != 0 && cas != e.cas {
		return ErrMismatch
	}
	s.remove(&n.data, string(key), e)
	return nil
}

// Increment adds delta to the counter at key and answers the sum, which stops
// at the ends of an int64. An absent counter begins at 0 and lives for ttl
// from then on, whatever later calls say: counts of a fixed window need no
// more. A ttl of 0 means for good. Get shows a counter as 8 bytes, little-endian.
func (n *Namespace) Increment(key []byte, delta int64, ttl time.Duration) (int64, error) {
	if len(key) > MaxKey {
		return 0, ErrTooLarge
	}
	now := n.store.o.Now()
	sum, err := n.data.increment(key, delta, now, expiry(now, ttl))
	if err == ErrFull {
		n.data.sweep(now)
		sum, err = n.data.increment(key, delta, now, expiry(now, ttl))
	}
	return sum, err
}

// Size is what the namespace's data takes, in bytes.
func (n *Namespace) Size() int64 { return n.data.used.Load() }
