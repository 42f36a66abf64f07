package proxywasm

import (
	"bytes"
	"strings"

	"github.com/weirproxy/weir/core/stream"
)

// A property's path is its segments, parted by NUL; one NUL at the end is
// ignored. Weir's own are single segments that begin with "weir.": they can
// also be asked for as the segment "weir" and the rest.

// maxPropertyPath and maxProperty bound what a filter sets, in bytes.
const (
	maxPropertyPath = 256
	maxProperty     = 16 << 10
)

// getProperty is proxy_get_property(path, size, &data, &size).
func (i *instance) getProperty(a []uint64) status {
	b, ok := i.view(a[0], a[1])
	if !ok {
		return statusInvalidMemory
	}
	i.in.Charge(propertyUnits)
	path := propertyPath(b)
	v, s := i.property(path)
	if s == statusNotFound && !owned(path) {
		if v, ok = i.custom(path); ok {
			s = statusOK
		}
	}
	if s != statusOK {
		return s
	}
	return i.answer(v, a[2], a[3])
}

// propertyUnits is what finding a property costs.
const propertyUnits = 30

func propertyPath(b []byte) string {
	if n := len(b); n > 0 && b[n-1] == 0 {
		b = b[:n-1]
	}
	return text(b)
}

// property is a fact of the host's. Its bytes are the stream's, or in
// i.scratch.
func (i *instance) property(path string) ([]byte, status) {
	group, rest, nested := strings.Cut(path, "\x00")
	switch group {
	case "":
		return nil, statusSerialization
	case "request":
		return i.requestProperty(rest, nested)
	case "response":
		return i.responseProperty(rest, nested)
	case "source", "destination", "connection", "upstream":
		return i.connectionProperty(group, rest, nested)
	case "node", "xds":
		return i.nodeProperty(group, rest, nested)
	case "weir":
		if nested {
			return i.weirProperty(rest)
		}
		return nil, statusSerialization
	}
	if nested {
		return nil, statusNotFound
	}
	if name, ok := strings.CutPrefix(group, "weir."); ok {
		return i.weirProperty(name)
	}
	return i.topProperty(group)
}

// custom is what a filter of the stream set.
func (i *instance) custom(path string) ([]byte, bool) {
	s, m := i.moment()
	if m == momentNone {
		return nil, false
	}
	v := s.Property(path)
	if v == nil && strings.HasPrefix(path, "weir\x00") {
		v = s.Property(i.dotted(path))
	}
	return v, v != nil
}

// dotted is a path of ours as one segment.
func (i *instance) dotted(path string) string {
	i.scratch = append(append(i.scratch[:0], "weir."...), path[len("weir."):]...)
	return text(i.scratch)
}

// setProperty is proxy_set_property(path, size, value, size). Later filters
// of the stream and the access log can read what was set.
func (i *instance) setProperty(a []uint64) status {
	b, ok1 := i.view(a[0], a[1])
	value, ok2 := i.view(a[2], a[3])
	if !ok1 || !ok2 {
		return statusInvalidMemory
	}
	i.in.Charge(propertyUnits)
	s, m := i.moment()
	if m == momentNone {
		return statusNotFound
	}
	path := propertyPath(b)
	if path == "" || len(path) > maxPropertyPath || len(value) > maxProperty {
		return statusBadArgument
	}
	if strings.HasPrefix(path, "weir\x00") {
		path = i.dotted(path)
	}
	if readOnly(path) {
		return statusBadArgument
	}
	if path == propertyCluster {
		if m != momentLive || !s.SetCluster(string(value)) {
			return statusBadArgument
		}
		return statusOK
	}
	s.SetProperty(path, value)
	return statusOK
}

// propertyCluster overrides the route's cluster when it is set.
const propertyCluster = "weir.cluster"

// serialised is a list of fields as a map, repeated names joined by a comma.
func (i *instance) serialised(h *stream.Headers) []byte {
	entries, size := 0, 0
	each := func(do func(f *stream.Field)) {
		for k := range h.Len() {
			if !repeated(h, k) {
				do(h.At(k))
			}
		}
	}
	each(func(f *stream.Field) {
		entries++
		size += len(f.Name) + joinedSize(h, f.Name)
	})
	i.in.Charge(int64(h.Len()*h.Len()) + int64(size)/bytesPerUnit)
	total := pairsSize(entries, size)
	i.scratch = append(i.scratch[:0], make([]byte, total)...)
	w := newPairWriter(i.scratch, entries)
	each(func(f *stream.Field) {
		w.lengths(len(f.Name), joinedSize(h, f.Name))
		w.at += copy(w.b[w.at:], f.Name)
		w.b[w.at] = 0
		w.at++
		w.join(h, f.Name)
		w.b[w.at] = 0
		w.at++
	})
	return i.scratch
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

// join writes all values of a name.
func (w *pairWriter) join(h *stream.Headers, name []byte) {
	first := true
	for k := range h.Len() {
		f := h.At(k)
		if !bytes.Equal(f.Name, name) {
			continue
		}
		if !first {
			w.b[w.at] = ','
			w.at++
		}
		first = false
		w.at += copy(w.b[w.at:], f.Value)
	}
}
