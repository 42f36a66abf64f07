package edit

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"sync"
	"time"

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

	// idle is how long nobody has used what makes room for others. More requests than
	// there is room for would else push each other out, and each be remembered at every
	// turn, which costs more than to be asked about.
	idle = int64(time.Minute)
)

// memory is what a filter does with requests that are alike in all that it looks
// at. Its lock is held for a look-up.
type memory struct {
	facts    []fact
	versions [][]byte // keys of shared data among the facts, in their order

	salt [sha256.Size]byte

	mu    sync.Mutex
	known map[string]*remembered
	all   []*remembered // the same
	hand  int           // of those, whose turn it is to make room
	used  int           // bytes, with what is about to be added
}

// remembered is what becomes of a request, from when until when: nanoseconds of the
// wall clock. Its group is not changed any more, the rest is guarded by the memory.
type remembered struct {
	group
	from, until int64
	key         string
	size        int
	at          int   // in all
	seen        int64 // when it was used last
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
// not like it, whoever changed them and whenever. What was said before of such requests
// is forgotten in any case. room is written over.
func (l *List) Remember(s filter.Stream, space *state.Namespace, encoded, room []byte, now, until int64) error {
	c := l.recall
	if c == nil {
		return ErrMalformed
	}
	d := Decoder{Rest: encoded, told: true}
	var few [maxFacts]uint32
	versions := few[:len(c.versions)]
	for i := range versions {
		versions[i] = d.Number()
	}
	if d.Bad {
		return ErrMalformed
	}
	for i, key := range c.versions {
		if space.Version(key) != versions[i] {
			return ErrStale // and would never be found
		}
	}
	key, ok := c.key(room[:0], s, space, versions)
	if !ok {
		return ErrNoKey
	}
	size := len(key) + perByte*len(encoded) + perRemembered
	if !c.reserve(key, size, now) {
		return ErrNoRoom
	}
	r := &remembered{from: now, until: until, key: string(key), size: size, seen: now}
	err := d.group(&r.group, maxEdits)
	for i := range r.edits {
		if r.edits[i].phase != filter.PhaseRequestHeaders || r.edits[i].action >= gate {
			err = ErrMalformed
		}
	}
	c.add(r, err == nil)
	return err
}

// reserve makes room for what is to be remembered by a key, and forgets what was.
func (c *memory) reserve(key []byte, size int, now int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old := c.known[string(key)]; old != nil {
		c.drop(old)
	}
	if size > maxRemembered {
		return false
	}
	for c.used+size > maxRemembered {
		if len(c.all) == 0 {
			return false // others are about to add all that there is room for
		}
		c.hand %= len(c.all)
		if r := c.all[c.hand]; now < r.until && now-r.seen < idle {
			c.hand++
			return false
		}
		c.drop(c.all[c.hand])
	}
	c.used += size
	return true
}

// add takes what room was made for, or gives that back.
func (c *memory) add(r *remembered, well bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !well {
		c.used -= r.size
		return
	}
	if old := c.known[r.key]; old != nil { // of another lane, meanwhile
		c.drop(old)
	}
	r.at = len(c.all)
	c.all = append(c.all, r)
	c.known[r.key] = r
}

// drop forgets. The lock is held.
func (c *memory) drop(r *remembered) {
	last := len(c.all) - 1
	c.all[r.at] = c.all[last]
	c.all[r.at].at = r.at
	c.all[last] = nil
	c.all = c.all[:last]
	delete(c.known, r.key)
	c.used -= r.size
}

// find is what is remembered by a key at a time, nil without.
func (c *memory) find(key []byte, now int64) *remembered {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.known[string(key)]
	if r == nil || now < r.from || now >= r.until {
		return nil
	}
	r.seen = now
	return r
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
	r := c.find(key[at:], room.Now)
	if r == nil {
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
