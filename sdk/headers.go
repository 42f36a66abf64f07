package sdk

import (
	"iter"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// Headers is a head or trailers in the host. Names are lower case; a
// request's head has ":method", ":path", ":authority" and ":scheme" among
// them, a response's ":status".
//
// Changes answer ErrBadArgument for names and values that cannot stand in a
// field, and once the head has been sent on.
type Headers struct {
	m abi.Map
}

// Get is the first value of name. It is valid until the callback ends.
func (h Headers) Get(name string) (value []byte, ok bool) {
	v, s := abi.HeaderGet(h.m, name)
	return v, s == abi.OK
}

// GetString is Get as a string of its own: it allocates.
func (h Headers) GetString(name string) (value string, ok bool) {
	v, ok := h.Get(name)
	return string(v), ok
}

// Has says whether there is a value of name.
func (h Headers) Has(name string) bool {
	_, ok := h.Get(name)
	return ok
}

// Set replaces every value of name by one.
func (h Headers) Set(name, value string) error { return abi.HeaderSet(h.m, name, value).Err() }

// SetBytes is Set for a value of bytes.
func (h Headers) SetBytes(name string, value []byte) error {
	return abi.HeaderSet(h.m, name, View(value)).Err()
}

// Add appends a value.
func (h Headers) Add(name, value string) error { return abi.HeaderAdd(h.m, name, value).Err() }

// AddBytes is Add for a value of bytes.
func (h Headers) AddBytes(name string, value []byte) error {
	return abi.HeaderAdd(h.m, name, View(value)).Err()
}

// Del removes every value of name.
func (h Headers) Del(name string) error { return abi.HeaderDel(h.m, name).Err() }

// All goes over the fields in their order, repeated names included. The list
// is taken once, at the start: changes meanwhile do not show.
func (h Headers) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		pairs, s := abi.HeaderPairs(h.m)
		if s != abi.OK {
			return
		}
		for r := newPairsReader(pairs); r.next(); {
			if !yield(r.name, r.value) {
				return
			}
		}
	}
}

// Replace puts fields in the place of all there are, ":method" and its like
// included.
func (h Headers) Replace(fields []Field) error {
	scratch = appendPairs(scratch[:0], fields)
	return abi.HeaderSetPairs(h.m, scratch).Err()
}

// scratch is where arguments of host calls are put together. Callbacks do not
// overlap, and no host call keeps what it is given.
var scratch = make([]byte, 0, 1024)
