//go:build !wasm

package abi

// BufferGet asks the current host.
func BufferGet(b Buffer, start, limit uint32) ([]byte, Status) {
	return Current.BufferGet(b, start, limit)
}

// BufferLen asks the current host.
func BufferLen(b Buffer) (uint32, Status) {
	return Current.BufferLen(b)
}

// BufferSet asks the current host.
func BufferSet(b Buffer, start, size uint32, data string) Status {
	return Current.BufferSet(b, start, size, data)
}
