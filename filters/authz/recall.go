package authz

import (
	"math"
	"slices"
	"strings"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/weir"
)

// The bounds of the facts by which the host remembers.
const (
	maxFacts    = 24
	maxNetworks = 4096
	maxValue    = 128      // bytes
	maxValues   = 32 << 10 // bytes of all of one field
)

// recall asks the host to remember verdicts by the facts that rules look at. One that has
// looked at something which is no such fact is not told: a field or an address that the
// host has no class for.
//
// That is exact. Rules are gone through in one order, and what is looked at next follows from
// what was seen so far; so a request of which all that was seen is the same comes to the
// same rule. Paths are compared by whole segments, each with a word of a rule or with anything
// at all, which is what makes paths of one class alike: see weir.FactPath. Odd ones are of none.
// So are fields by their values, see weir.FactValue, and addresses by the networks they are in.
func (f *filter) recall() bool {
	var facts []weir.Fact
	add := func(used bool, s weir.FactSource, text string) {
		if used {
			facts = append(facts, weir.Fact{Source: s, Text: text})
		}
	}
	add(f.peers.used, weir.FactPeer, "")
	add(f.identities.used, weir.FactProperty, template.Identity)
	add(len(f.rules.methods) > 0, weir.FactMethod, "")
	add(f.heads.used, weir.FactPath, f.words())
	for _, name := range f.names(ofClaim) {
		add(true, weir.FactProperty, name)
	}
	if n := len(f.networks); n > 0 && n <= maxNetworks {
		add(true, weir.FactNetwork, f.addresses())
		f.tell(ofSource, "")
	}
	for _, name := range f.names(ofHeader) {
		if text, ok := f.valuesOf(name); ok && len(facts) < maxFacts {
			add(true, weir.FactValue, text)
			f.tell(ofHeader, name)
		}
	}
	if len(facts) == 0 {
		return false // rules look at nothing else
	}
	return weir.Recall(facts...) == nil // or every request makes a callback
}

// tell marks conditions as told to the host.
func (r *rules) tell(k kind, name string) {
	for i := range r.conditions {
		if c := &r.conditions[i]; c.kind == k && string(r.at(c.name)) == name {
			c.told = true
		}
	}
}

// addresses are the networks of rules as the host takes them.
func (r *rules) addresses() string {
	var b []byte
	for _, n := range r.networks {
		for shift := 56; shift >= 0; shift -= 8 {
			b = append(b, byte(n.high>>shift))
		}
		for shift := 56; shift >= 0; shift -= 8 {
			b = append(b, byte(n.low>>shift))
		}
		b = append(b, n.bits)
	}
	return string(b)
}

// valuesOf are the name of a property's field and what rules compare it with, as the host takes them. It is
// false where the host has no class for that.
func (r *rules) valuesOf(property string) (text string, ok bool) {
	text = property[len(fieldPrefix):]
	if text == authority {
		return "", false // which is no fact
	}
	var list []string
	size := 0
	for i := range r.conditions {
		c := &r.conditions[i]
		if c.kind != ofHeader || string(r.at(c.name)) != property {
			continue
		}
		for n := c.from; n < c.to; n++ {
			if a := &r.alternatives[n]; a.form == exact {
				v := string(r.at(a.fixed))
				if size += 1 + len(v); len(v) > maxValue || size > maxValues || !printable(v) {
					return "", false
				}
				list = append(list, v)
			}
		}
	}
	slices.Sort(list)
	for _, v := range slices.Compact(list) {
		text += "\x00" + v
	}
	return text, true
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// words are the segments that patterns of paths have.
func (r *rules) words() string {
	var list []string
	for i := range r.conditions {
		c := &r.conditions[i]
		if c.kind != ofPath {
			continue
		}
		for n := c.from; n < c.to; n++ {
			a := &r.alternatives[n]
			for word := range strings.SplitSeq(string(r.at(a.fixed))+string(r.at(a.rest)), "/") {
				if word != "" && word != oneSegment && word != subtree {
					list = append(list, word)
				}
			}
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), "/")
}

// names are those of the conditions of a kind.
func (r *rules) names(k kind) (list []string) {
	for i := range r.conditions {
		if c := &r.conditions[i]; c.kind == k {
			list = append(list, string(r.at(c.name)))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// memorable makes what the host does for a request that a rule allows.
func (v *verdict) memorable() {
	v.edits.Made = &v.count
	v.edits.Add(weir.Edit{Action: weir.SetProperty, Name: logField, Value: []weir.EditPart{{Source: weir.Text, Text: v.field}}})
}

// remember has the host let through all that is like the request at hand.
func (v *verdict) remember() { _ = v.edits.Remember(math.MaxInt64) }
