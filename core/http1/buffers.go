package http1

import (
	"math/bits"
	"sync"
)

// Buffers come in classes of 4 KiB to 1 MiB, each twice the one before.
const (
	minClass = 12
	maxClass = 20
)

// class is the pool of one size.
type class struct {
	pool sync.Pool
	size int
}

// Get lends a buffer whose length is the class's size.
func (c *class) Get() *[]byte {
	if b, ok := c.pool.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, c.size)
	return &b
}

// Put takes it back.
func (c *class) Put(b *[]byte) { c.pool.Put(b) }

var classes = func() (t [maxClass - minClass + 1]*class) {
	for i := range t {
		t[i] = &class{size: 1 << (minClass + i)}
	}
	return t
}()

// classOf is the smallest class that holds n bytes, or the largest there is.
func classOf(n int) *class {
	i := bits.Len(uint(max(n-1, 0))) - minClass
	return classes[min(max(i, 0), len(classes)-1)]
}

// giveBack returns a buffer to its class.
func giveBack(b *[]byte) {
	classOf(len(*b)).Put(b)
}
