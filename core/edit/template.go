package edit

import "github.com/weirproxy/weir/core/filter"

// Value is a text with sources, encoded as the value of an edit, for other things
// that filters declare.
type Value struct{ parts value }

// Value reads one.
func (d *Decoder) Value() Value { return Value{d.value()} }

// Append appends the value for a stream. A value of which no source is known says
// nothing: known is false then.
func (v Value) Append(dst []byte, s filter.Stream) (b []byte, known bool) {
	return v.parts.append(dst, s)
}
