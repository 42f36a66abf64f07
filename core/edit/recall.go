package edit

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"sync"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/state"
)

// The errors of Remember, beside those of Add.
var (
	ErrNoKey  = errors.New("the request cannot be told apart: a field is not there exactly once, a path is not plain, or all is too long")
	ErrNoRoom = errors.New("too large to be remembered")
	ErrStale  = errors.New("shared data has changed meanwhile")
)

// The bounds of what is remembered.
const (
	maxRemembered = 8 << 20 // bytes of a filter's memory
	perRemembered = 512     // bytes, about, beside key and arguments
	perByte       = 4       // of arguments, decoded
)

// memory is what a filter does with requests that are alike in all that it looks
// at. Its lock is held for a look-up.
type memory struct {
	facts    []fact
	versions [][]byte // keys of shared data among the facts, in their order

	salt [sha256.Size]byte

	mu    sync.Mutex
	known map[string]*remembered
	order []string // the oldest first
	used  int      // bytes
}

// remembered is what becomes of a request, from when until when: nanoseconds of the
// wall clock. It is not changed any more.
type remembered struct {
	group
	from, until int64
	size        int
}

// Recall has requests be told apart by facts: a filter may then say of one what is
// done with all like it.
func (l *List) Recall(encoded []byte) error {
	d := Decoder{Rest: encoded}
	n := d.Number()
	if n == 0 || n > maxFacts || l.recall != nil {
		return ErrMalformed
	}
	m := &memory{known: map[string]*remembered{}}
	rand.Read(m.salt[:])
	for range n {
		f := d.fact()
		if f.source == byVersion {
			m.versions = append(m.versions, f.key)
		}
		m.facts = append(m.facts, f)
	}
	if d.Bad || len(d.Rest) > 0 {
		return ErrMalformed
	}
	l.recall = m
	l.phases |= filter.PhaseRequestHeaders
	return nil
}

// Recalls says whether anything is remembered at all.
func (l *List) Recalls() bool { return l.recall != nil }

// Remember has the edits of one call's arguments, all of the request's head, stand
// for the callback of all requests that are like that of s, until a time. The arguments
// begin with the versions of shared data by which it was decided: what has others is
// not like it, whoever changed them and whenever.
func (l *List) Remember(s filter.Stream, space *state.Namespace, encoded []byte, now, until int64) error {
	c := l.recall
	if c == nil {
		return ErrMalformed
	}
	d := Decoder{Rest: encoded, told: true}
	versions := make([]uint32, len(c.versions))
	for i := range versions {
		versions[i] = d.Number()
	}
	r := &remembered{from: now, until: until}
	if err := d.group(&r.group, maxEdits); err != nil {
		return err
	}
	for i := range r.edits {
		if r.edits[i].phase != filter.PhaseRequestHeaders || r.edits[i].action >= gate {
			return ErrMalformed
		}
	}
	for i, key := range c.versions {
		if space.Version(key) != versions[i] {
			return ErrStale // and would never be found
		}
	}
	key, ok := c.key(nil, s, space, versions)
	if !ok {
		return ErrNoKey
	}
	r.size = len(key) + perByte*len(encoded) + perRemembered
	return c.add(string(key), r)
}

func (c *memory) find(key []byte) *remembered {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[string(key)]
}

func (c *memory) add(key string, r *remembered) error {
	if r.size > maxRemembered {
		return ErrNoRoom
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.known[key]; ok { // its place in the order stays
		c.used -= old.size
	} else {
		c.order = append(c.order, key)
	}
	c.known[key] = r
	for c.used += r.size; c.used > maxRemembered; {
		oldest := c.order[0]
		c.order[0] = ""
		c.order = c.order[1:]
		c.used -= c.known[oldest].size
		delete(c.known, oldest)
	}
	return nil
}

// replay does with a request what is remembered of those like it. Where an edit is
// refused the callback comes all the same, and sees to it.
func (c *memory) replay(s filter.Stream, room *Room, m Metrics) bool {
	at := len(room.Memory)
	key, ok := c.key(room.Memory, s, room.State, nil)
	room.Memory = key[:at]
	if !ok {
		return false
	}
	r := c.find(key[at:])
	if r == nil || room.Now < r.from || room.Now >= r.until {
		return false
	}
	if _, _, refused := r.apply(s, filter.PhaseRequestHeaders, room); refused > 0 {
		return false
	}
	if r.made != NoMetric {
		m.Increment(r.made, 1)
	}
	return true
}
