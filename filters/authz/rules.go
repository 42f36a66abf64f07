package authz

import (
	"math/bits"
	"strings"
)

// kind is what a condition looks at, the cheapest first.
type kind uint8

const (
	ofPeer kind = iota
	ofIdentity
	ofPath
	ofSource
	ofClaim
	ofHeader
)

// span is a part of rules.text.
type span struct{ from, to uint32 }

// rule holds where all its conditions do.
type rule struct {
	methods  uint32 // a set of indexes of rules.methods; 0 for any
	from, to uint32 // of its conditions
}

// condition holds where one of its alternatives does.
type condition struct {
	kind     kind
	told     bool   // it is among the facts by which verdicts are remembered
	name     span   // of the property of the field, or the claim
	from, to uint32 // of alternatives, or of networks
}

// form is how an alternative compares.
type form uint8

const (
	exact    form = iota
	below         // a pattern
	nothing       // nobody is known: the explicit "none"
	anything      // any value but none
)

type alternative struct {
	form        form
	fixed, rest span
}

// rules are all of a filter in a few arrays that hold no pointers: denials
// first, so that the first rule that holds decides.
type rules struct {
	list         []rule
	denials      int
	conditions   []condition
	alternatives []alternative
	networks     []network
	text         []byte
	methods      []string // that rules name

	peers, identities, heads memory
	all, left                set // every rule; those that a request leaves
}

// maxMethods is how many methods the rules may tell apart.
const maxMethods = 31

func (r *rules) span(text string) span {
	if i := strings.Index(view(r.text), text); i >= 0 && text != "" {
		return span{uint32(i), uint32(i + len(text))}
	}
	from := uint32(len(r.text))
	r.text = append(r.text, text...)
	return span{from, uint32(len(r.text))}
}

func (r *rules) at(s span) []byte { return r.text[s.from:s.to] }

// method is the set of one method, and whether there is room for it.
func (r *rules) method(name string) (set uint32, ok bool) {
	for i, m := range r.methods {
		if m == name {
			return 1 << i, true
		}
	}
	if len(r.methods) == maxMethods {
		return 0, false
	}
	r.methods = append(r.methods, name)
	return 1 << (len(r.methods) - 1), true
}

// decide is the rule that holds for a request, -1 if none does. What a memory
// leaves is looked at rule by rule.
func (r *rules) decide(f *facts) int {
	left := r.left
	copy(left, r.all)
	if r.peers.used {
		left.keep(r.byPeer(f))
	}
	if r.identities.used {
		left.keep(r.byIdentity(f))
	}
	if r.heads.used && !f.connection && left.any() {
		if _, clear := f.path(false); clear {
			left.keep(r.byHead(f))
		}
	}
	for w, word := range left {
		for ; word != 0; word &= word - 1 {
			if i := w*64 + bits.TrailingZeros64(word); r.hold(i, f) {
				return i
			}
		}
	}
	return -1
}

// hold says whether all conditions of a rule do but those that a memory has
// decided. What can be read in two ways, or is not there to be looked at, holds in
// a rule that denies, and in no other.
func (r *rules) hold(i int, f *facts) bool {
	rule, deny := &r.list[i], i < r.denials
	if rule.methods != 0 && rule.methods&f.method(r) == 0 && !(deny && f.connection) {
		return false
	}
	for n := rule.from; n < rule.to; n++ {
		c := &r.conditions[n]
		holds := true
		switch c.kind {
		case ofPath:
			holds = r.path(c, f, deny)
		case ofSource:
			holds = r.source(c, f, deny)
		case ofClaim:
			holds = r.claim(c, f, deny)
		case ofHeader:
			holds = r.header(c, f, deny)
		}
		if !holds {
			return false
		}
	}
	return true
}

func (r *rules) peer(c *condition, id []byte, valid, deny bool) bool {
	if !valid {
		return deny
	}
	for i := c.from; i < c.to; i++ {
		a := &r.alternatives[i]
		switch {
		case a.form == nothing:
			if len(id) == 0 {
				return true
			}
		case len(id) > 0 && matches(r.at(a.fixed), r.at(a.rest), id):
			return true
		}
	}
	return false
}

func (r *rules) who(c *condition, name []byte) bool {
	for i := c.from; i < c.to; i++ {
		a := &r.alternatives[i]
		switch a.form {
		case nothing:
			if len(name) == 0 {
				return true
			}
		case anything:
			if len(name) > 0 {
				return true
			}
		case exact:
			if len(name) > 0 && string(name) == string(r.at(a.fixed)) {
				return true
			}
		}
	}
	return false
}

// path compares for a rule that denies without regard to case and to a slash at
// the end: upstreams differ in both.
func (r *rules) path(c *condition, f *facts, deny bool) bool {
	path, clear := f.path(deny)
	if !clear {
		return deny
	}
	for i := c.from; i < c.to; i++ {
		if a := &r.alternatives[i]; matches(r.at(a.fixed), r.at(a.rest), path) {
			return true
		}
	}
	return false
}

func (r *rules) source(c *condition, f *facts, deny bool) bool {
	f.beyond = f.beyond || !c.told
	client, known := f.source()
	if !known {
		return deny
	}
	for i := c.from; i < c.to; i++ {
		if r.networks[i].has(client) {
			return true
		}
	}
	return false
}
