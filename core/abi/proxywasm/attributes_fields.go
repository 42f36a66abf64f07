package proxywasm

import (
	"bytes"

	"github.com/weirproxy/weir/core/stream"
)

// The fields of a message as an attribute: the values of one name are one, with
// commas between them. Pseudo headers are among them.

// fieldsProperty is all of a map, serialised.
func (i *instance) fieldsProperty(m fieldMap) ([]byte, status) {
	entries, size := 0, 0
	m.eachPseudo(&i.digits, func(name string, value []byte) {
		entries++
		size += len(name) + len(value)
	})
	for k := range m.names() {
		entries++
		size += len(m.list.At(k).Name) + joinedSize(m.list, m.list.At(k).Name)
	}
	i.in.Charge(int64(m.len()*m.len()) + int64(size)/bytesPerUnit)
	i.scratch = append(i.scratch[:0], make([]byte, pairsSize(entries, size))...)
	w := newPairWriter(i.scratch, entries)
	m.eachPseudo(&i.digits, w.add)
	for k := range m.names() {
		name := m.list.At(k).Name
		w.lengths(len(name), joinedSize(m.list, name))
		w.at += copy(w.b[w.at:], name)
		w.b[w.at] = 0
		w.at++
		w.at = len(appendJoined(w.b[:w.at], m.list, name))
		w.b[w.at] = 0
		w.at++
	}
	return i.scratch, statusOK
}

// fieldProperty is the value of one name.
func (i *instance) fieldProperty(m fieldMap, name string) ([]byte, status) {
	name = i.lower(raw(name))
	v, ok := i.first(m, name)
	if !ok {
		return nil, statusNotFound
	}
	if m.list != nil && joinedSize(m.list, raw(name)) > len(v) {
		i.scratch = appendJoined(i.scratch[:0], m.list, raw(name))
		v = i.scratch
	}
	return v, statusOK
}

func (m fieldMap) len() int {
	if m.list == nil {
		return 0
	}
	return m.list.Len()
}

// names are the numbers of the fields that are the first of their name.
func (m fieldMap) names() func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for k := range m.len() {
			if !repeated(m.list, k) && !yield(k) {
				return
			}
		}
	}
}

// repeated says whether field k has the name of an earlier one.
func repeated(h *stream.Headers, k int) bool {
	for j := range k {
		if bytes.Equal(h.At(j).Name, h.At(k).Name) {
			return true
		}
	}
	return false
}

func joinedSize(h *stream.Headers, name []byte) int {
	n := -1
	for k := range h.Len() {
		if f := h.At(k); bytes.Equal(f.Name, name) {
			n += len(f.Value) + 1
		}
	}
	return n
}

// appendJoined appends all values of a name to b.
func appendJoined(b []byte, h *stream.Headers, name []byte) []byte {
	first := true
	for k := range h.Len() {
		f := h.At(k)
		if !bytes.Equal(f.Name, name) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, f.Value...)
	}
	return b
}
