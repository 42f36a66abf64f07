package proxywasm

import (
	"encoding/binary"
	"unsafe"
)

// view is the guest's bytes at ptr, valid until guest code runs again. Nothing
// may keep it: the memory is unmapped when the instance dies. A range that
// is not wholly inside the memory answers false. No bytes at all are fine,
// wherever they are.
func (i *instance) view(ptr, n uint64) ([]byte, bool) {
	if uint32(n) == 0 {
		return nil, true
	}
	b, ok := i.in.Read(uint32(ptr), uint32(n))
	i.in.Charge(int64(len(b)) / bytesPerUnit)
	return b, ok
}

// bytesPerUnit is how many bytes one unit of a callback's budget copies or
// scans: a nanosecond does some ten bytes.
const bytesPerUnit = 8

// text shows b as a string, for as long as b is valid.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// raw shows s as bytes, for reading only.
func raw(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// putUint32 writes a result. Address 0 is one like any other, as in Envoy:
// guests written by hand keep results there.
func (i *instance) putUint32(ptr uint64, v uint32) bool {
	b, ok := i.in.Read(uint32(ptr), 4)
	if ok {
		binary.LittleEndian.PutUint32(b, v)
	}
	return ok
}

// putUint64 is putUint32 for eight bytes.
func (i *instance) putUint64(ptr uint64, v uint64) bool {
	b, ok := i.in.Read(uint32(ptr), 8)
	if ok {
		binary.LittleEndian.PutUint64(b, v)
	}
	return ok
}

// number answers a host call with a number.
func (i *instance) number(ptr uint64, v uint32) status {
	if !i.putUint32(ptr, v) {
		return statusInvalidMemory
	}
	return statusOK
}

// answer gives the guest a copy of data, in memory of its own, whose address
// and length go to the two pointers. data must not lie in the guest's memory.
func (i *instance) answer(data []byte, ptr, size uint64) status {
	b, s := i.room(len(data), ptr, size)
	copy(b, data)
	return s
}

// room is memory in the guest for n bytes, its address and length written to
// the two pointers. It is nil when there is none or none is needed.
//
// The address is written before the length is looked at: a Go guest keeps
// alive what it allocated by that pointer alone.
func (i *instance) room(n int, ptr, size uint64) ([]byte, status) {
	if n == 0 {
		if !i.putUint32(ptr, 0) || !i.putUint32(size, 0) {
			return nil, statusInvalidMemory
		}
		return nil, statusOK
	}
	i.in.Charge(int64(n) / bytesPerUnit)
	at := i.take(n)
	if at == 0 {
		return nil, statusInvalidMemory
	}
	b, ok := i.in.Read(at, uint32(n))
	if !ok || !i.putUint32(ptr, at) || !i.putUint32(size, uint32(n)) {
		return nil, statusInvalidMemory
	}
	return b, statusOK
}

// take has the guest give n bytes, n > 0; 0 when it gives none.
func (i *instance) take(n int) uint32 {
	if at := i.arena.take(i.in, uint32(n)); at != 0 {
		return at
	}
	i.allocating = true
	at, err := i.in.CallNested(i.fn.allocate, uint64(n))
	i.allocating = false
	if err != nil {
		return 0
	}
	return uint32(at)
}
