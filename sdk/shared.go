package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// SharedGet is a value that all instances of the VM share, and its
// compare-and-swap number.
func SharedGet(key string) (value []byte, cas uint32, err error) {
	v, cas, s := abi.SharedGet(key)
	return v, cas, s.Err()
}

// SharedSet stores a shared value. With a cas other than 0 it answers
// ErrCASMismatch if the value changed since that number was read.
func SharedSet(key, value string, cas uint32) error { return abi.SharedSet(key, value, cas).Err() }

// Queue is a queue that all instances of the VM share.
type Queue struct{ id uint32 }

// RegisterQueue makes a queue, or finds it. The plugin that registered it last
// is told of items: see [QueueHandler].
func RegisterQueue(name string) (Queue, error) {
	id, s := abi.QueueRegister(name)
	return Queue{id}, s.Err()
}

// ResolveQueue finds a queue of another VM; an empty vm is our own.
func ResolveQueue(vm, name string) (Queue, error) {
	id, s := abi.QueueResolve(vm, name)
	return Queue{id}, s.Err()
}

// Push appends an item.
func (q Queue) Push(value string) error { return abi.QueuePush(q.id, value).Err() }

// Pop takes the first item, or answers ErrEmpty.
func (q Queue) Pop() ([]byte, error) {
	v, s := abi.QueuePop(q.id)
	return v, s.Err()
}
