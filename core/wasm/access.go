package wasm

import "encoding/binary"

// Read is a view of n bytes of the guest's memory at ptr, false when they are
// not all within it.
func (in *Instance) Read(ptr, n uint32) ([]byte, bool) {
	end := uint64(ptr) + uint64(n)
	if end > uint64(len(in.mem.buf)) {
		return nil, false
	}
	return in.mem.buf[ptr:end:end], true
}

// Write copies b into the guest's memory at ptr, false when there is not room.
func (in *Instance) Write(ptr uint32, b []byte) bool {
	if uint64(ptr)+uint64(len(b)) > uint64(len(in.mem.buf)) {
		return false
	}
	copy(in.mem.buf[ptr:], b)
	return true
}

// WriteU32 stores v at ptr, little endian as Wasm has it.
func (in *Instance) WriteU32(ptr, v uint32) bool {
	b, ok := in.Read(ptr, 4)
	if ok {
		binary.LittleEndian.PutUint32(b, v)
	}
	return ok
}

// WriteU64 stores v at ptr, little endian as Wasm has it.
func (in *Instance) WriteU64(ptr uint32, v uint64) bool {
	b, ok := in.Read(ptr, 8)
	if ok {
		binary.LittleEndian.PutUint64(b, v)
	}
	return ok
}

// Memory is the size of the guest's memory in bytes.
func (in *Instance) Memory() int { return len(in.mem.buf) }
