//go:build !wasm

package abi

// SharedGet asks the current host.
func SharedGet(key string) (value []byte, cas uint32, s Status) {
	return Current.SharedGet(key)
}

// SharedSet asks the current host.
func SharedSet(key, value string, cas uint32) Status {
	return Current.SharedSet(key, value, cas)
}

// QueueRegister asks the current host.
func QueueRegister(name string) (uint32, Status) {
	return Current.QueueRegister(name)
}

// QueueResolve asks the current host.
func QueueResolve(vm, name string) (uint32, Status) {
	return Current.QueueResolve(vm, name)
}

// QueuePush asks the current host.
func QueuePush(id uint32, value string) Status {
	return Current.QueuePush(id, value)
}

// QueuePop asks the current host.
func QueuePop(id uint32) ([]byte, Status) {
	return Current.QueuePop(id)
}
