package authz

import (
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/weir"
)

// order says what rules look at that other filters find out, and what the log is told.
func (f *filter) order() {
	var order weir.Order
	order.Sets(logField)
	if f.asksWho() {
		order.Reads(template.Identity)
	}
	for _, name := range f.names(ofClaim) {
		order.Reads(name)
	}
	order.Declare()
}

// asksWho says whether a rule holds for somebody whom another filter has found.
func (r *rules) asksWho() bool {
	for i := range r.conditions {
		for c, n := &r.conditions[i], r.conditions[i].from; c.kind == ofIdentity && n < c.to; n++ {
			if r.alternatives[n].form != nothing {
				return true
			}
		}
	}
	return false
}
