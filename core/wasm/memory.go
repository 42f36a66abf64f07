package wasm

import (
	"context"
	"errors"

	"github.com/tetratelabs/wazero/experimental"
)

// linear is the memory of one instance. Address space is reserved for as much
// as it may ever have, so that growing neither copies nor moves, and freeing
// it gives all of it back at once instead of leaving it to the collector.
type linear struct {
	reserved []byte // the whole reservation
	buf      []byte // what the guest has now
}

// errNoMemory is thrown through wazero, which has no other way out of an
// allocation that fails.
var errNoMemory = errors.New("the system gives no memory for an instance")

var _ experimental.LinearMemory = (*linear)(nil)

// Allocate implements experimental.MemoryAllocator.
func (m *linear) Allocate(_, limit uint64) experimental.LinearMemory {
	if err := m.reserve(limit); err != nil {
		panic(errors.Join(errNoMemory, err))
	}
	return m
}

// Reallocate implements experimental.LinearMemory. It is nil when the system
// refuses, of which the guest sees that its memory.grow failed.
func (m *linear) Reallocate(size uint64) []byte {
	if size > uint64(len(m.reserved)) || m.commit(size) != nil {
		if m.buf == nil {
			panic(errNoMemory)
		}
		return nil
	}
	m.buf = m.reserved[:size:size]
	return m.buf
}

// Free implements experimental.LinearMemory.
func (m *linear) Free() {
	m.buf = nil
	m.release()
}

// with makes the instance created with the resulting context use m.
func (m *linear) with(ctx context.Context) context.Context {
	return experimental.WithMemoryAllocator(ctx, m)
}
