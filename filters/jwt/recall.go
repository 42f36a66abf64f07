package jwt

import (
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/weir"
)

// recall asks the host to remember what becomes of a token, where that stands in one
// header alone. It depends on keys that are fetched besides: when they change, all that
// was remembered by those before is of no use any more.
func (f *filter) recall() bool {
	if f.place.Header == "" || f.place.Query != "" || f.place.Cookie != "" {
		return false
	}
	facts := []weir.Fact{{Source: weir.FactField, Text: f.place.Header}}
	for _, is := range f.issuers {
		if is.remote != nil {
			facts = append(facts, weir.Fact{Source: weir.FactVersion, Text: is.remote.keysAt})
			f.remotes = append(f.remotes, is.remote)
		}
	}
	return weir.Recall(facts...) == nil // a host that does not know it makes every callback
}

// remember has the host do by itself, for as long as the token is valid, what admit
// does. Where it refuses, as for a request that has waited or when keys have changed just
// now, the next one is asked about.
func (f *filter) remember() {
	edits := weir.Edits{Made: &f.allowed}
	if f.strip {
		edits.Add(weir.Edit{Action: weir.RemoveField, Name: f.place.Header})
	}
	set := func(action weir.EditAction, name string, v *value) {
		edits.Add(weir.Edit{Action: action, Name: name, Value: []weir.EditPart{{Source: weir.Text, Text: string(v.text)}}})
	}
	for _, i := range f.told {
		c, v := &f.claims[i], &f.found[i]
		if c.property != "" && !v.absent() {
			set(weir.SetProperty, c.property, v)
		}
		for _, h := range c.headers {
			if v.absent() {
				edits.Add(weir.Edit{Action: weir.RemoveField, Name: h})
			} else {
				set(weir.SetField, h, v)
			}
		}
	}
	if f.identity >= 0 && !f.found[f.identity].absent() {
		set(weir.SetProperty, template.Identity, &f.found[f.identity])
	}
	versions := make([]uint32, len(f.remotes)) // of the keys in use here
	for i, m := range f.remotes {
		versions[i] = m.cas
	}
	_ = edits.Remember(f.expiry(), versions...)
}

// expiry is when the token under way is valid no more, in nanoseconds since 1970.
func (f *filter) expiry() int64 {
	const never, far = 1<<63 - 1, 1 << 33 // seconds, so that nanoseconds can be counted
	exp, there, _ := f.found[claimExpiry].seconds()
	if !there {
		return never
	}
	return (min(exp, far) + f.leeway) * 1e9
}
