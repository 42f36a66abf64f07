package headers

import (
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
)

// rule is changes and when to make them.
type rule struct {
	prefix   string // of the path, "" for any
	class    int    // of the status, in hundreds; 0 for any
	code     int    // the status itself, 0 for any
	request  []operation
	response []operation
}

// maxRules is how many rules a set of 64 bits can hold.
const maxRules = 64

// allRules is the set of all rules.
const allRules = 1<<64 - 1

// operation is one change of a head.
type operation struct {
	kind  kind
	name  string
	value string            // without placeholders
	fill  template.Template // with placeholders
	fills bool
}

type kind uint8

const (
	remove kind = iota
	set
	add
	addIfAbsent
)

// match is the set of rules that meet the request's path.
func (f *filter) match(s *sdk.Stream) uint64 {
	if !f.byPath {
		return allRules
	}
	path := s.Path()
	met := uint64(0)
	for i := range f.rules {
		if p := f.rules[i].prefix; len(path) >= len(p) && string(path[:len(p)]) == p {
			met |= 1 << i
		}
	}
	return met
}

// change makes the changes of the request.
func (f *filter) change(s *sdk.Stream, met uint64) {
	for i := range f.rules {
		if r := &f.rules[i]; met>>i&1 != 0 && len(r.request) > 0 {
			f.apply(s, s.Request(), r.request)
		}
	}
}

// changeResponse makes the changes of the response.
func (f *filter) changeResponse(s *sdk.Stream, met uint64) {
	status := -1
	for i := range f.rules {
		r := &f.rules[i]
		if met>>i&1 == 0 || len(r.response) == 0 {
			continue
		}
		if r.class != 0 || r.code != 0 {
			if status < 0 {
				status = s.Status()
			}
			if r.class != 0 && status/100 != r.class || r.code != 0 && status != r.code {
				continue
			}
		}
		f.apply(s, s.Response(), r.response)
	}
}

// apply makes changes of one head, in order.
func (f *filter) apply(s *sdk.Stream, h sdk.Headers, list []operation) {
	for i := range list {
		o := &list[i]
		var err error
		switch {
		case o.kind == remove:
			err = h.Del(o.name)
		case o.kind == addIfAbsent && h.Has(o.name):
		case !o.fills:
			err = o.write(h, o.value)
		default:
			var known bool
			if f.value, known = o.fill.Append(f.value[:0], s); known {
				err = o.write(h, sdk.View(f.value))
			} else if o.kind == set {
				err = h.Del(o.name) // what a client made up must not stand for what is not known
			}
		}
		if err != nil {
			f.refused.Add(1)
			if o.kind == set {
				_ = h.Del(o.name) // nor for what cannot be said
			}
		}
	}
}

func (o *operation) write(h sdk.Headers, value string) error {
	if o.kind == set {
		return h.Set(o.name, value)
	}
	return h.Add(o.name, value)
}
