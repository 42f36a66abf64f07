package authz

import (
	"math"
	"slices"
	"strings"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/weir"
)

// recall asks the host to remember verdicts by the facts that rules look at, but for
// header fields and addresses: a verdict that has looked at one of those is not told.
//
// That is exact. Rules are gone through in one order, and what is looked at next follows from
// what was seen so far; so a request of which all that was seen is the same comes to the
// same rule. Paths are compared by whole segments, each with a word of a rule or with anything
// at all, which is what makes paths of one class alike: see weir.FactPath. Odd ones are of none.
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
	for _, name := range f.claims() {
		add(true, weir.FactProperty, name)
	}
	if len(facts) == 0 {
		return false // rules look at nothing else
	}
	return weir.Recall(facts...) == nil // or every request makes a callback
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

// claims are the properties of those that rules look at.
func (r *rules) claims() (list []string) {
	for i := range r.conditions {
		if c := &r.conditions[i]; c.kind == ofClaim {
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
