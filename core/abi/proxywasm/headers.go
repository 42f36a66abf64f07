package proxywasm

import (
	"github.com/weirproxy/weir/core/stream"
)

// maxName bounds a name that is made lower case without allocating.
const maxName = 128

// maxWritten bounds what the filters of one VM write into the maps of one
// stream, in bytes: what is written stays in memory until the stream ends.
const maxWritten = 256 << 10

// lower is a name in lower case, valid until guest code runs again.
func (i *instance) lower(b []byte) string {
	for k, c := range b {
		if c >= 'A' && c <= 'Z' {
			return text(i.lowerFrom(b, k))
		}
	}
	return text(b)
}

func (i *instance) lowerFrom(b []byte, k int) []byte {
	l := append(i.name[:0], b...)
	stream.LowerInPlace(l[k:])
	return l
}

// getMapSize is proxy_get_header_map_size(map, &size): the bytes of all names
// and values.
func (i *instance) getMapSize(a []uint64) status {
	id := uint32(a[0])
	m, s := i.readable(id)
	if s != statusOK || id >= mapGRPCInitial {
		return statusBadArgument
	}
	if _, when := i.moment(); when == momentLog {
		return statusBadArgument
	}
	_, bytes := i.measure(m)
	return i.number(a[1], uint32(bytes))
}

// measure counts a map's entries and the bytes of their names and values.
func (i *instance) measure(m fieldMap) (entries, bytes int) {
	m.eachPseudo(&i.digits, func(name string, value []byte) {
		entries++
		bytes += len(name) + len(value)
	})
	if m.list != nil {
		entries += m.list.Len()
		bytes += m.list.Size()
	}
	return entries, bytes
}

// getMapPairs is proxy_get_header_map_pairs(map, &data, &size). A map that is
// not to be seen is empty.
func (i *instance) getMapPairs(a []uint64) status {
	if uint32(a[0]) > mapCallTrailers {
		return statusBadArgument
	}
	m, s := i.readable(uint32(a[0]))
	entries := 0
	bytes := 0
	if s == statusOK {
		entries, bytes = i.measure(m)
	}
	if entries == 0 {
		return i.answer(nil, a[1], a[2])
	}
	i.in.Charge(int64(entries) * pairUnits)
	b, s := i.room(pairsSize(entries, bytes), a[1], a[2])
	if b == nil {
		return s
	}
	w := newPairWriter(b, entries)
	m.eachPseudo(&i.digits, w.add)
	if m.list != nil {
		for k := range m.list.Len() {
			w.addField(m.list.At(k))
		}
	}
	return s
}

// pairUnits is what reading or writing one entry of a map costs, beside its
// bytes.
const pairUnits = 10

// getMapValue is proxy_get_header_map_value(map, key, size, &data, &size): the
// first value.
func (i *instance) getMapValue(a []uint64) status {
	key, ok := i.view(a[1], a[2])
	if !ok {
		return statusInvalidMemory
	}
	m, s := i.readable(uint32(a[0]))
	if s != statusOK {
		return s
	}
	v, ok := i.first(m, i.lower(key))
	if !ok && !i.vm.old {
		return statusNotFound
	}
	return i.answer(v, a[3], a[4])
}

// first is the first value of a name.
func (i *instance) first(m fieldMap, name string) ([]byte, bool) {
	if p := m.pseudo(name); p != nil {
		return *p, len(*p) > 0
	}
	if m.isStatus(name) && m.response.Status != 0 {
		return i.digits.of(m.response.Status), true
	}
	if m.list == nil {
		return nil, false
	}
	i.in.Charge(int64(m.list.Len()))
	return m.list.Get(name)
}

// change reads the arguments of the functions that write one field and finds
// the map.
func (i *instance) change(a []uint64) (m fieldMap, name string, value []byte, s status) {
	key, ok := i.view(a[1], a[2])
	if !ok {
		return m, "", nil, statusInvalidMemory
	}
	if value, ok = i.view(a[3], a[4]); !ok {
		return m, "", nil, statusInvalidMemory
	}
	m, s = i.writable(uint32(a[0]))
	return m, i.lower(key), value, s
}

// admit says whether a field may be written to the map, and notes that it
// will be.
func (i *instance) admit(m *fieldMap, id uint64, name string, value []byte) status {
	if !m.accepts(name, value) {
		return statusBadArgument
	}
	if s := i.spend(len(name) + len(value)); s != statusOK {
		return s
	}
	if s := m.make(uint32(id)); s != statusOK {
		return s
	}
	i.in.Charge(int64(m.list.Len()))
	return statusOK
}

// accepts says whether a field may stand in the map.
func (m fieldMap) accepts(name string, value []byte) bool {
	if m.pseudo(name) != nil {
		return validPseudo(name, value)
	}
	if m.isStatus(name) {
		_, ok := parseStatus(value)
		return ok
	}
	return stream.ValidName(raw(name)) && stream.ValidValue(value)
}

// spend notes that n bytes are about to be written to the effective stream.
func (i *instance) spend(n int) status {
	g := i.frame.at.part.group
	if g.written+n > maxWritten {
		return statusInternalFailure
	}
	g.written += n
	return statusOK
}

// replaceMapValue is proxy_replace_header_map_value(map, key, size, value, size).
func (i *instance) replaceMapValue(a []uint64) status {
	m, name, value, s := i.change(a)
	if s == statusOK {
		s = i.admit(&m, a[0], name, value)
	}
	if s == statusOK {
		i.put(m, name, value)
	}
	return s
}

// put sets a field that the map accepts.
func (i *instance) put(m fieldMap, name string, value []byte) {
	p := i.frame.at.part
	switch pseudo := m.pseudo(name); {
	case pseudo != nil:
		*pseudo = p.group.keep(value)
	case m.isStatus(name):
		m.response.Status, _ = parseStatus(value)
	default:
		m.list.Set(raw(name), value)
	}
}

// addMapValue is proxy_add_header_map_value(map, key, size, value, size).
// Fields that Envoy keeps as one are joined by a comma, as it does.
func (i *instance) addMapValue(a []uint64) status {
	m, name, value, s := i.change(a)
	if s != statusOK {
		return s
	}
	if m.isStatus(name) && m.response.Status != 0 {
		return statusBadArgument // two codes are none
	}
	old, one := m.single(name)
	if len(old) > 0 {
		i.scratch = append(append(append(i.scratch[:0], old...), ','), value...)
		value = i.scratch
	}
	if s = i.admit(&m, a[0], name, value); s != statusOK {
		return s
	}
	if one || m.isStatus(name) {
		i.put(m, name, value)
	} else {
		m.list.Add(raw(name), value)
	}
	return statusOK
}

// single is the value of a field that Envoy keeps as one.
func (m fieldMap) single(name string) (value []byte, one bool) {
	if p := m.pseudo(name); p != nil {
		return *p, true
	}
	switch name {
	case "user-agent", "content-type", "accept", "referer", "etag", "cache-control", "vary":
		if m.request != nil || m.response != nil {
			return m.list.Peek(name), true
		}
	}
	return nil, false
}

// removeMapValue is proxy_remove_header_map_value(map, key, size).
func (i *instance) removeMapValue(a []uint64) status {
	key, ok := i.view(a[1], a[2])
	if !ok {
		return statusInvalidMemory
	}
	m, s := i.writable(uint32(a[0]))
	if s != statusOK {
		return s
	}
	name := i.lower(key)
	switch p := m.pseudo(name); {
	case name == nameScheme && p != nil: // needed to go on; Envoy keeps it too
	case p != nil:
		*p = nil
		i.frame.at.part.hurt = true
	case m.isStatus(name):
		m.response.Status = 0
		i.frame.at.part.hurt = true
	case m.list != nil:
		i.in.Charge(int64(m.list.Len()))
		m.list.Del(name)
	}
	return statusOK
}
