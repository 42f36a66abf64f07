// Package loaded is what hosts do alike about filters that are loaded: those of
// equal configurations are one, which lives as long as anybody uses it.
package loaded

import "sync"

// Table holds what is loaded, by a key that tells apart what is not the same.
// The zero value is empty. All methods may be called from any goroutine.
type Table[V any] struct {
	mu   sync.Mutex
	live map[string]*entry[V]
}

type entry[V any] struct {
	value V
	users int
}

// Share is what lives under a key, if anything does, with one more user.
func (t *Table[V]) Share(key string) (v V, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.live[key]
	if e == nil {
		return v, false
	}
	e.users++
	return e.value, true
}

// Add puts a value with its first user under a key that nothing has.
func (t *Table[V]) Add(key string, v V) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.live == nil {
		t.live = make(map[string]*entry[V])
	}
	t.live[key] = &entry[V]{v, 1}
}

// Drop takes a user away. It answers true for the last, with whom the value is
// gone: whoever gets that ends it.
func (t *Table[V]) Drop(key string) (last bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.live[key]
	if e == nil { // cleared meanwhile
		return false
	}
	e.users--
	if e.users == 0 {
		delete(t.live, key)
	}
	return e.users == 0
}

// All are the values that live.
func (t *Table[V]) All() []V {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]V, 0, len(t.live))
	for _, e := range t.live {
		all = append(all, e.value)
	}
	return all
}

// Clear takes all out, whoever uses them, for the caller to end.
func (t *Table[V]) Clear() []V {
	all := t.All()
	t.mu.Lock()
	clear(t.live)
	t.mu.Unlock()
	return all
}
