package sdktest

import (
	"strings"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// field is one header field in the host's memory, which is used again.
type field struct {
	name, value []byte
}

// fields is a head or trailers.
type fields []field

// H makes header fields of names and values in turn.
func H(namesAndValues ...string) []sdk.Field {
	list := make([]sdk.Field, 0, len(namesAndValues)/2)
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		list = append(list, sdk.Field{Name: namesAndValues[i], Value: namesAndValues[i+1]})
	}
	return list
}

func (f *fields) reset() { *f = (*f)[:0] }

// add appends a field, its name in lower case.
func (f *fields) add(name, value string) {
	n := len(*f)
	if n < cap(*f) {
		*f = (*f)[:n+1]
	} else {
		*f = append(*f, field{})
	}
	e := &(*f)[n]
	e.name = append(e.name[:0], name...)
	for i, c := range e.name {
		if c >= 'A' && c <= 'Z' {
			e.name[i] = c + 'a' - 'A'
		}
	}
	e.value = append(e.value[:0], value...)
}

func (f fields) find(name string) int {
	for i := range f {
		if len(f[i].name) == len(name) && strings.EqualFold(string(f[i].name), name) {
			return i
		}
	}
	return -1
}

// set leaves one field of name, in the place of the first.
func (f *fields) set(name, value string) {
	i := f.find(name)
	if i < 0 {
		f.add(name, value)
		return
	}
	e := &(*f)[i]
	e.value = append(e.value[:0], value...)
	f.removeFrom(i+1, name)
}

// removeFrom removes the fields of name from position i on.
func (f *fields) removeFrom(i int, name string) {
	list := *f
	for ; i < len(list); i++ {
		if len(list[i].name) == len(name) && strings.EqualFold(string(list[i].name), name) {
			gone := list[i]
			copy(list[i:], list[i+1:])
			list[len(list)-1] = gone // its memory is used again
			list = list[:len(list)-1]
			i--
		}
	}
	*f = list
}

// appendPairs appends the ABI's serialised form.
func (f fields) appendPairs(b []byte) []byte {
	b = le.AppendUint32(b, uint32(len(f)))
	for i := range f {
		b = le.AppendUint32(b, uint32(len(f[i].name)))
		b = le.AppendUint32(b, uint32(len(f[i].value)))
	}
	for i := range f {
		b = append(append(b, f[i].name...), 0)
		b = append(append(b, f[i].value...), 0)
	}
	return b
}

// parsePairs reads the serialised form, all of it or nothing.
func parsePairs(b []byte) (list []sdk.Field, ok bool) {
	if len(b) == 0 {
		return nil, true
	}
	if len(b) < 4 {
		return nil, false
	}
	n := uint64(le.Uint32(b))
	b = b[4:]
	if n > 1024 || n*8 > uint64(len(b)) {
		return nil, false
	}
	lengths, data := b[:n*8], b[n*8:]
	for ; len(lengths) > 0; lengths = lengths[8:] {
		k, v := uint64(le.Uint32(lengths)), uint64(le.Uint32(lengths[4:]))
		if k+v+2 > uint64(len(data)) || data[k] != 0 || data[k+1+v] != 0 {
			return nil, false
		}
		list = append(list, sdk.Field{Name: string(data[:k]), Value: string(data[k+1 : k+1+v])})
		data = data[k+v+2:]
	}
	return list, len(data) == 0
}
