package route

import "hash/maphash"

// index maps text to pointers, and is read far more often than it is grown.
// Three quarters of its slots stay free, so that a lookup nearly always ends at
// the first: its time then does not show how much the index holds, as that of
// Go's fuller maps does by a tenth. The seed keeps clients from choosing
// texts that collide.
type index[V any] struct {
	slots   []slot // a power of two; none for a single entry, which is compared at once
	entries []entry[V]
}

// slot is 8 bytes, to have many in a cache line.
type slot struct {
	hash uint32 // upper half; the lower one chose the slot
	at   uint32 // 1 + position among the entries; 0 when free
}

type entry[V any] struct {
	key   string
	value *V
}

var seed = maphash.MakeSeed()

// get is the value of key, or nil.
func (x *index[V]) get(key []byte) *V {
	if len(x.slots) == 0 {
		if len(x.entries) > 0 && x.entries[0].key == string(key) {
			return x.entries[0].value
		}
		return nil
	}
	hash := maphash.Bytes(seed, key)
	mask := uint64(len(x.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := x.slots[i]
		if s.at == 0 {
			return nil
		}
		if s.hash == uint32(hash>>32) {
			if e := &x.entries[s.at-1]; e.key == string(key) {
				return e.value
			}
		}
	}
}

// at is where the value of key is kept, nil at first. It is valid until the
// next call.
func (x *index[V]) at(key string) **V {
	if len(x.entries) == 0 {
		x.entries = []entry[V]{{key: key}}
	}
	if len(x.entries) == 1 && x.entries[0].key == key {
		return &x.entries[0].value
	}
	if 4*(len(x.entries)+1) > len(x.slots) {
		x.grow()
	}
	hash := maphash.String(seed, key)
	mask := uint64(len(x.slots) - 1)
	i := hash & mask
	for ; x.slots[i].at != 0; i = (i + 1) & mask {
		if e := &x.entries[x.slots[i].at-1]; e.key == key {
			return &e.value
		}
	}
	x.entries = append(x.entries, entry[V]{key: key})
	x.slots[i] = slot{uint32(hash >> 32), uint32(len(x.entries))}
	return &x.entries[len(x.entries)-1].value
}

func (x *index[V]) grow() {
	x.slots = make([]slot, max(8, 2*len(x.slots)))
	mask := uint64(len(x.slots) - 1)
	for n := range x.entries {
		hash := maphash.String(seed, x.entries[n].key)
		i := hash & mask
		for x.slots[i].at != 0 {
			i = (i + 1) & mask
		}
		x.slots[i] = slot{uint32(hash >> 32), uint32(n + 1)}
	}
}

func (x *index[V]) empty() bool { return len(x.entries) == 0 }
