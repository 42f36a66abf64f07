package abi

import "unsafe"

//go:wasmimport env proxy_get_buffer_bytes
//go:noescape
func proxyGetBufferBytes(b, start, limit uint32, data, size unsafe.Pointer) uint32

//go:wasmimport env proxy_get_buffer_status
//go:noescape
func proxyGetBufferStatus(b uint32, size, flags unsafe.Pointer) uint32

//go:wasmimport env proxy_set_buffer_bytes
//go:noescape
func proxySetBufferBytes(b, start, size uint32, data unsafe.Pointer, dataLen uint32) uint32

// BufferGet is at most limit bytes from start.
func BufferGet(b Buffer, start, limit uint32) ([]byte, Status) {
	return answer(Status(proxyGetBufferBytes(uint32(b), start, limit, unsafe.Pointer(&outData), unsafe.Pointer(&outSize))))
}

// BufferLen is the number of bytes that are there.
func BufferLen(b Buffer) (uint32, Status) {
	s := Status(proxyGetBufferStatus(uint32(b), unsafe.Pointer(&outSize), unsafe.Pointer(&outWord)))
	return outSize, s
}

// BufferSet replaces size bytes from start by data.
func BufferSet(b Buffer, start, size uint32, data string) Status {
	return Status(proxySetBufferBytes(uint32(b), start, size, addr(data), uint32(len(data))))
}
