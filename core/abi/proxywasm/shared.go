package proxywasm

import (
	"errors"

	"github.com/weirproxy/weir/core/state"
)

// sharedUnits is what shared data and queues cost a call, beside the bytes: a
// lock and a look-up.
const sharedUnits = 100

// getShared is proxy_get_shared_data(key, size, &data, &size, &cas).
func (i *instance) getShared(a []uint64) status {
	key, ok := i.view(a[0], a[1])
	if !ok {
		return statusInvalidMemory
	}
	i.in.Charge(sharedUnits)
	value, cas, ok := i.vm.space.Get(i.scratch[:0], key)
	i.scratch = value[:0]
	if !ok {
		return statusNotFound
	}
	if s := i.answer(value, a[2], a[3]); s != statusOK {
		return s
	}
	return i.number(a[4], cas)
}

// setShared is proxy_set_shared_data(key, size, value, size, cas): with a cas
// other than 0 only where the key still has that number, or is not there.
func (i *instance) setShared(a []uint64) status {
	key, ok1 := i.view(a[0], a[1])
	value, ok2 := i.view(a[2], a[3])
	if !ok1 || !ok2 {
		return statusInvalidMemory
	}
	i.in.Charge(sharedUnits)
	_, err := i.vm.space.Set(key, value, uint32(a[4]), 0)
	switch {
	case err == nil:
		return statusOK
	case errors.Is(err, state.ErrMismatch):
		return statusCASMismatch
	}
	return statusInternalFailure // too large, or the VM has used up its room
}
