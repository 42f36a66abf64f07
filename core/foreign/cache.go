package foreign

import "sync"

// cache keeps what is expensive to make out of bytes: compiled expressions,
// parsed keys. Each entry says roughly what it takes; when there is no room
// for another, the oldest go.
type cache[V any] struct {
	mu    sync.Mutex
	items map[string]cached[V]
	order []string // oldest first
	used  int      // bytes
	room  int      // bytes
}

type cached[V any] struct {
	value V
	size  int
}

func newCache[V any](room int) *cache[V] {
	return &cache[V]{items: make(map[string]cached[V]), room: room}
}

func (c *cache[V]) find(key []byte) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.items[string(key)]
	return v.value, ok
}

// add keeps v, which takes size bytes beside its key.
func (c *cache[V]) add(key []byte, v V, size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := string(key)
	if _, ok := c.items[k]; ok {
		return // another lane was quicker
	}
	size += len(k)
	for len(c.order) > 0 && c.used+size > c.room {
		oldest := c.order[0]
		c.order[0] = ""
		c.order = c.order[1:]
		c.used -= c.items[oldest].size
		delete(c.items, oldest)
	}
	c.items[k] = cached[V]{v, size}
	c.order = append(c.order, k)
	c.used += size
}
