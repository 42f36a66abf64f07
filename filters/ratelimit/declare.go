package ratelimit

import "github.com/weirproxy/weir/sdk/weir"

// declare has the host let requests through that a single limit allows: only
// the others are left for the callback, which asks the same limit again. Where
// clients are told how they stand, every request is.
func (f *filter) declare() {
	if len(f.limits) != 1 || f.always {
		return
	}
	l := &f.limits[0]
	parts, ok := l.by.EditParts()
	if !ok {
		return
	}
	if _, fixed := l.by.Literal(); fixed {
		parts = nil // take leaves it out too
	}
	key := append([]weir.EditPart{{Source: weir.Text, Text: string(l.key[:l.prefix])}}, parts...)
	edits := weir.Edits{Made: &f.allowed}
	edits.Gate(l.rate, key)
	_ = edits.Declare() // hosts that do not know it make every callback
}
