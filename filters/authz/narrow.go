package authz

import "bytes"

// set is rules by their index: the lower goes first.
type set []uint64

func (s set) add(i int) { s[i/64] |= 1 << (i % 64) }

func (s set) keep(o set) {
	for i := range s {
		s[i] &= o[i]
	}
}

func (s set) any() bool {
	for _, w := range s {
		if w != 0 {
			return true
		}
	}
	return false
}

// memory remembers, for values that come again and again, which rules hold
// for them as far as one kind of condition goes. It allocates nothing once it is
// made, and forgets what another value needs the place of.
type memory struct {
	used    bool // any rule has such a condition
	places  [places]place
	words   int
	sets    []uint64
	keys    []byte
	scratch set // of keys that are too long to be kept
}

type place struct {
	full bool
	size uint8
}

// The number of values that are remembered, and the length of the longest.
const (
	places     = 64
	longestKey = 128
)

func (m *memory) ready(rules int) {
	m.words = (rules + 63) / 64
	m.sets = make([]uint64, places*m.words)
	m.keys = make([]byte, places*longestKey)
	m.scratch = make(set, m.words)
}

// find is the set of a key. Where it is not there, known is false and the set is
// empty, to be filled.
func (m *memory) find(key []byte) (s set, known bool) {
	if len(key) > longestKey {
		clear(m.scratch)
		return m.scratch, false
	}
	at := placeOf(key)
	p, kept := &m.places[at], m.keys[at*longestKey:][:longestKey]
	s = m.sets[at*m.words:][:m.words]
	if p.full && string(kept[:p.size]) == string(key) {
		return s, true
	}
	p.full, p.size = true, uint8(len(key))
	copy(kept, key)
	clear(s)
	return s, false
}

// placeOf takes what tells keys apart at little cost: names differ at their ends.
func placeOf(key []byte) int {
	h := uint32(len(key))
	for _, c := range key[max(0, len(key)-4):] {
		h = h*31 + uint32(c)
	}
	return int(h % places)
}

// byPeer is the rules that the peer's ID leaves.
func (r *rules) byPeer(f *facts) set {
	id := f.peer()
	s, known := r.peers.find(id)
	if !known {
		valid := len(id) == 0 || validID(id)
		for i := range r.list {
			if c := r.condition(i, ofPeer); c == nil || r.peer(c, id, valid, i < r.denials) {
				s.add(i)
			}
		}
	}
	return s
}

// byIdentity is the rules that the client's identity leaves.
func (r *rules) byIdentity(f *facts) set {
	name := f.identity()
	s, known := r.identities.find(name)
	if !known {
		for i := range r.list {
			if c := r.condition(i, ofIdentity); c == nil || r.who(c, name) {
				s.add(i)
			}
		}
	}
	return s
}

// byHead is the rules that the path's first segment leaves: whether their paths
// hold is not said by that.
func (r *rules) byHead(f *facts) set {
	n := 1
	for n < len(f.plain) && f.plain[n] != '/' {
		n++
	}
	head := f.plain[1:n] // it is there: a path that is clear begins with a slash
	s, known := r.heads.find(head)
	if !known {
		for i := range r.list {
			c := r.condition(i, ofPath)
			if c == nil || r.begins(c, head, i < r.denials) {
				s.add(i)
			}
		}
	}
	return s
}

// begins says whether a path with this first segment may be one of c's.
func (r *rules) begins(c *condition, head []byte, deny bool) bool {
	for i := c.from; i < c.to; i++ {
		a := &r.alternatives[i]
		fixed := r.at(a.fixed)
		if len(fixed) == 0 { // it begins with a placeholder
			return true
		}
		if want, _ := segment(fixed); string(want) == string(head) || deny && bytes.EqualFold(want, head) {
			return true
		}
	}
	return false
}

// condition is a rule's of a kind, nil if it has none.
func (r *rules) condition(i int, k kind) *condition {
	for c := r.list[i].from; c < r.list[i].to; c++ {
		if r.conditions[c].kind == k {
			return &r.conditions[c]
		}
	}
	return nil
}
