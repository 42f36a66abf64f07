package edit

import (
	"errors"
	"sync"

	"github.com/weirproxy/weir/core/filter"
)

// The errors of Remember, beside those of Add.
var (
	ErrNoKey  = errors.New("the request has not each field exactly once, or they are too long")
	ErrNoRoom = errors.New("too large to be remembered")
)

// The bounds of what is remembered.
const (
	maxRecallFields = 8
	maxRecallKey    = 8 << 10 // bytes of all fields together
	maxRemembered   = 8 << 20 // bytes of a filter's memory
	perRemembered   = 512     // bytes, about, beside key and arguments
	perByte         = 4       // of arguments, decoded
)

// memory is what a filter does with requests that are alike in all that it looks
// at: some fields, each of which they have once. Its lock is held for a look-up.
type memory struct {
	fields []string

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

// Recall has requests be told apart by fields: a filter may then say of one what is
// done with all like it.
func (l *List) Recall(encoded []byte) error {
	d := Decoder{Rest: encoded}
	n := d.Number()
	if n == 0 || n > maxRecallFields || l.recall != nil {
		return ErrMalformed
	}
	m := &memory{known: map[string]*remembered{}}
	for range n {
		name := d.Text()
		d.Bad = d.Bad || !fieldName(name)
		m.fields = append(m.fields, name)
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
// for the callback of all requests that are like that of s, until a time.
func (l *List) Remember(s filter.Stream, encoded []byte, now, until int64) error {
	if l.recall == nil {
		return ErrMalformed
	}
	d := Decoder{Rest: encoded, told: true}
	r := &remembered{from: now, until: until}
	if err := d.group(&r.group, maxEdits); err != nil {
		return err
	}
	for i := range r.edits {
		if r.edits[i].phase != filter.PhaseRequestHeaders || r.edits[i].action >= gate {
			return ErrMalformed
		}
	}
	key, ok := l.recall.key(s, nil)
	if !ok {
		return ErrNoKey
	}
	r.size = len(key) + perByte*len(encoded) + perRemembered
	return l.recall.add(string(key), r)
}

// key appends what tells the request from others. It answers false where it has a
// field not at all or more than once: which one counts is for the filter to say.
func (c *memory) key(s filter.Stream, dst []byte) ([]byte, bool) {
	from := len(dst)
	h := &s.Request().Headers
	for _, name := range c.fields {
		found := 0
		for i := range h.Len() {
			f := h.At(i)
			if string(f.Name) != name {
				continue
			}
			if found++; found > 1 || len(dst)-from+len(f.Value) > maxRecallKey {
				return dst, false
			}
			dst = append(append(dst, f.Value...), 0) // no value has it
		}
		if found == 0 {
			return dst, false
		}
	}
	return dst, true
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
	key, ok := c.key(s, room.Memory)
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
