package foreign

import "sync"

// cache keeps what is expensive to make out of bytes: compiled expressions,
// parsed keys. Each entry says roughly what it takes; when there is no room
// for another, the oldest go.
type cache[V any] struct {
	mu    sync.Mutex
	items map[entry]cached[V]
	order []entry // oldest first
	used  int     // bytes
	room  int     // bytes
}

// entry is what something is kept by: bytes, and a number of what they are part of,
// 0 for nothing.
type entry struct {
	of   uint64
	text string
}

type cached[V any] struct {
	value V
	size  int
}

func newCache[V any](room int) *cache[V] {
	return &cache[V]{items: make(map[entry]cached[V]), room: room}
}

func (c *cache[V]) find(key []byte) (V, bool) { return c.findOf(0, key) }

func (c *cache[V]) findOf(of uint64, key []byte) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.items[entry{of, string(key)}]
	return v.value, ok
}

// add keeps v, which takes size bytes beside its key.
func (c *cache[V]) add(key []byte, v V, size int) { c.addOf(0, key, v, size) }

func (c *cache[V]) addOf(of uint64, key []byte, v V, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := entry{of, string(key)}
	if _, ok := c.items[k]; ok {
		return // another lane was quicker
	}
	size += len(k.text)
	for len(c.order) > 0 && c.used+size > c.room {
		oldest := c.order[0]
		c.order[0] = entry{}
		c.order = c.order[1:]
		c.used -= c.items[oldest].size
		delete(c.items, oldest)
	}
	c.items[k] = cached[V]{v, size}
	c.order = append(c.order, k)
	c.used += size
}
