package stream

import "unsafe"

// Field is one header field. The bytes belong to the connection's read buffer
// or to the list's arena: they are valid until the stream ends.
type Field struct {
	Name  []byte // lower case, a token
	Value []byte // without outer blanks
}

// Headers is an ordered list of header fields, repeated names included.
// Names are lower case everywhere, as in HTTP/2 and in the filter ABIs: a
// lookup is then a comparison of bytes. The zero value is an empty list.
type Headers struct {
	fields []Field
	arena  []byte // bytes of fields that were set here, append-only until Reset
}

// Reset empties the list and keeps its memory.
func (h *Headers) Reset() {
	clear(h.fields)
	h.fields = h.fields[:0]
	if cap(h.arena) > maxKeptArena {
		h.arena = nil
	}
	h.arena = h.arena[:0]
}

// maxKeptArena bounds what a pooled list holds on to, in bytes.
const maxKeptArena = 16 << 10

// Len is the number of fields.
func (h *Headers) Len() int { return len(h.fields) }

// At is field i. It stays valid until the list changes.
func (h *Headers) At(i int) *Field { return &h.fields[i] }

// Fields is the list itself, for reading.
func (h *Headers) Fields() []Field { return h.fields }

// Size is the sum of the lengths of all names and values, in bytes.
func (h *Headers) Size() int {
	n := 0
	for i := range h.fields {
		n += len(h.fields[i].Name) + len(h.fields[i].Value)
	}
	return n
}

// AppendRaw adds a field without copying: the parser's way in. name must be
// lower case, and both must live as long as the stream.
func (h *Headers) AppendRaw(name, value []byte) {
	h.fields = append(h.fields, Field{name, value})
}

// Get is the first value of name, which must be lower case.
func (h *Headers) Get(name string) (value []byte, ok bool) {
	for i := range h.fields {
		if f := &h.fields[i]; len(f.Name) == len(name) && string(f.Name) == name {
			return f.Value, true
		}
	}
	return nil, false
}

// Peek is the first value of name, or nil.
func (h *Headers) Peek(name string) []byte {
	v, _ := h.Get(name)
	return v
}

// Has says whether name is present.
func (h *Headers) Has(name string) bool {
	_, ok := h.Get(name)
	return ok
}

// Add appends a field, copying both and lower-casing the name. The caller
// vouches for their syntax: see [ValidName] and [ValidValue].
func (h *Headers) Add(name, value []byte) {
	n := h.keep(name)
	LowerInPlace(n)
	h.fields = append(h.fields, Field{n, h.keep(value)})
}

// AddString is Add for strings; name must be lower case.
func (h *Headers) AddString(name, value string) {
	n := h.keepString(name)
	h.fields = append(h.fields, Field{n, h.keepString(value)})
}

// Set replaces every field of name by one, in the place of the first; name
// must be lower case.
func (h *Headers) Set(name, value []byte) {
	v := h.keep(value)
	for i := range h.fields {
		if string(h.fields[i].Name) == string(name) {
			h.fields[i].Value = v
			h.delFrom(i+1, h.fields[i].Name)
			return
		}
	}
	h.fields = append(h.fields, Field{h.keep(name), v})
}

// SetNamed is Set with a name that outlives the list: it is not copied.
func (h *Headers) SetNamed(name string, value []byte) {
	v := h.keep(value)
	for i := range h.fields {
		if string(h.fields[i].Name) == name {
			h.fields[i].Value = v
			h.delFrom(i+1, h.fields[i].Name)
			return
		}
	}
	h.fields = append(h.fields, Field{lasting(name), v})
}

// AddNamed is Add with a name in lower case that outlives the list: it is not
// copied.
func (h *Headers) AddNamed(name string, value []byte) {
	h.fields = append(h.fields, Field{lasting(name), h.keep(value)})
}

// lasting is a string's bytes. Fields of a list are never written to.
func lasting(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// SetString is Set for strings.
func (h *Headers) SetString(name, value string) {
	v := h.keepString(value)
	for i := range h.fields {
		if string(h.fields[i].Name) == name {
			h.fields[i].Value = v
			h.delFrom(i+1, h.fields[i].Name)
			return
		}
	}
	h.fields = append(h.fields, Field{h.keepString(name), v})
}

// Del removes every field of name, which must be lower case, and says
// whether there was one.
func (h *Headers) Del(name string) bool {
	for i := range h.fields {
		if f := &h.fields[i]; len(f.Name) == len(name) && string(f.Name) == name {
			h.delFrom(i, f.Name)
			return true
		}
	}
	return false
}

// DelFunc removes every field for which drop answers true.
func (h *Headers) DelFunc(drop func(f *Field) bool) {
	kept := h.fields[:0]
	for i := range h.fields {
		if !drop(&h.fields[i]) {
			kept = append(kept, h.fields[i])
		}
	}
	clear(h.fields[len(kept):])
	h.fields = kept
}

func (h *Headers) delFrom(i int, name []byte) {
	kept := h.fields[:i]
	for j := i; j < len(h.fields); j++ {
		if string(h.fields[j].Name) != string(name) {
			kept = append(kept, h.fields[j])
		}
	}
	clear(h.fields[len(kept):])
	h.fields = kept
}

// keep copies b into the arena. When the arena grows, earlier fields keep
// pointing at the old one: they stay valid.
func (h *Headers) keep(b []byte) []byte {
	at := len(h.arena)
	h.arena = append(h.arena, b...)
	return h.arena[at:len(h.arena):len(h.arena)]
}

func (h *Headers) keepString(s string) []byte {
	at := len(h.arena)
	h.arena = append(h.arena, s...)
	return h.arena[at:len(h.arena):len(h.arena)]
}

// CopyFrom makes h an independent copy of o.
func (h *Headers) CopyFrom(o *Headers) {
	h.Reset()
	for i := range o.fields {
		f := &o.fields[i]
		h.fields = append(h.fields, Field{h.keep(f.Name), h.keep(f.Value)})
	}
}
