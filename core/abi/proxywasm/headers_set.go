package proxywasm

import "github.com/weirproxy/weir/core/stream"

// setMapPairs is proxy_set_header_map_pairs(map, data, size): it replaces the
// whole map, pseudo headers too, or changes nothing.
func (i *instance) setMapPairs(a []uint64) status {
	b, ok := i.view(a[1], a[2])
	if !ok {
		return statusInvalidMemory
	}
	m, s := i.writable(uint32(a[0]))
	if s != statusOK {
		return s
	}
	if !i.decode(b) || !i.acceptable(m) {
		return statusBadArgument
	}
	if s := i.spend(len(b)); s != statusOK {
		return s
	}
	if s := m.make(uint32(a[0])); s != statusOK {
		return s
	}
	i.clear(m)
	for k := range i.pairs {
		p := &i.pairs[k]
		name := i.lower(p.key)
		if m.pseudo(name) != nil || m.isStatus(name) {
			i.put(m, name, p.value)
			continue
		}
		m.list.Add(p.key, p.value)
	}
	return statusOK
}

// decode reads a serialised map into i.pairs: views of the guest's memory.
func (i *instance) decode(b []byte) (ok bool) {
	i.pairs, ok = decodePairs(i.pairs[:0], b)
	i.in.Charge(int64(len(i.pairs)) * pairUnits)
	return ok
}

// acceptable says whether every pair of i.pairs may stand in the map, the
// pseudo headers once.
func (i *instance) acceptable(m fieldMap) bool {
	seen := 0
	for k := range i.pairs {
		name := i.lower(i.pairs[k].key)
		if !m.accepts(name, i.pairs[k].value) {
			return false
		}
		if bit := pseudoBit(m, name); bit != 0 {
			if seen&bit != 0 {
				return false
			}
			seen |= bit
		}
	}
	return true
}

func pseudoBit(m fieldMap, name string) int {
	if m.isStatus(name) {
		return 1
	}
	if m.pseudo(name) == nil {
		return 0
	}
	switch name {
	case nameMethod:
		return 1
	case namePath:
		return 2
	case nameScheme:
		return 4
	}
	return 8
}

// clear empties a map. What is needed to go on is missed, if it does not come
// back, when the callback has returned; the scheme stays.
func (i *instance) clear(m fieldMap) {
	if r := m.request; r != nil {
		r.Method, r.Path, r.Authority = nil, nil, nil
		i.frame.at.part.hurt = true
	}
	if m.response != nil {
		m.response.Status = 0
		i.frame.at.part.hurt = true
	}
	m.list.DelFunc(func(*stream.Field) bool { return true })
}
