package abi

import "unsafe"

//go:wasmimport env proxy_get_shared_data
//go:noescape
func proxyGetSharedData(key unsafe.Pointer, keyLen uint32, data, size, cas unsafe.Pointer) uint32

//go:wasmimport env proxy_set_shared_data
//go:noescape
func proxySetSharedData(key unsafe.Pointer, keyLen uint32, value unsafe.Pointer, valueLen, cas uint32) uint32

//go:wasmimport env proxy_register_shared_queue
//go:noescape
func proxyRegisterSharedQueue(name unsafe.Pointer, nameLen uint32, id unsafe.Pointer) uint32

//go:wasmimport env proxy_resolve_shared_queue
//go:noescape
func proxyResolveSharedQueue(vm unsafe.Pointer, vmLen uint32, name unsafe.Pointer, nameLen uint32, id unsafe.Pointer) uint32

//go:wasmimport env proxy_enqueue_shared_queue
//go:noescape
func proxyEnqueueSharedQueue(id uint32, value unsafe.Pointer, valueLen uint32) uint32

//go:wasmimport env proxy_dequeue_shared_queue
//go:noescape
func proxyDequeueSharedQueue(id uint32, data, size unsafe.Pointer) uint32

// SharedGet is the value of key and its compare-and-swap number.
func SharedGet(key string) (value []byte, cas uint32, s Status) {
	s = Status(proxyGetSharedData(addr(key), uint32(len(key)), unsafe.Pointer(&outData), unsafe.Pointer(&outSize), unsafe.Pointer(&outWord)))
	value, s = answer(s)
	return value, outWord, s
}

// SharedSet gives key a value; cas 0 does so whatever it has.
func SharedSet(key, value string, cas uint32) Status {
	return Status(proxySetSharedData(addr(key), uint32(len(key)), addr(value), uint32(len(value)), cas))
}

// QueueRegister makes a queue of this VM, or finds it.
func QueueRegister(name string) (uint32, Status) {
	s := Status(proxyRegisterSharedQueue(addr(name), uint32(len(name)), unsafe.Pointer(&outWord)))
	return outWord, s
}

// QueueResolve finds a queue of any VM; an empty vm is our own.
func QueueResolve(vm, name string) (uint32, Status) {
	s := Status(proxyResolveSharedQueue(addr(vm), uint32(len(vm)), addr(name), uint32(len(name)), unsafe.Pointer(&outWord)))
	return outWord, s
}

// QueuePush appends an item.
func QueuePush(id uint32, value string) Status {
	return Status(proxyEnqueueSharedQueue(id, addr(value), uint32(len(value))))
}

// QueuePop takes the first item.
func QueuePop(id uint32) ([]byte, Status) {
	return answer(Status(proxyDequeueSharedQueue(id, unsafe.Pointer(&outData), unsafe.Pointer(&outSize))))
}
