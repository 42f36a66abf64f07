package proxywasm

import (
	"encoding/binary"

	"github.com/weirproxy/weir/core/wasm"
)

// arena is the memory that a guest of our SDK lays out for the answers of one
// callback: the host takes some without calling back into the guest. The
// guest's export weir_sdk answers the address of
//
//	u32le version (1), base, size, used
//
// and sets used back to 0 when a callback begins. The zero arena has nothing.
type arena struct {
	descriptor uint32
}

const (
	arenaVersion = 1
	arenaBytes   = 16 // of the descriptor
)

// read finds the arena. Nonsense is as good as none: the allocator is asked
// then.
func (a *arena) read(in *wasm.Instance, descriptor uint32) {
	a.descriptor = 0
	d, ok := in.Read(descriptor, arenaBytes)
	if ok && descriptor != 0 && binary.LittleEndian.Uint32(d) == arenaVersion {
		a.descriptor = descriptor
	}
}

// take is n bytes of the arena, or 0. The descriptor is the guest's, who may
// write anything into it: what is handed out is checked by whoever uses it.
func (a *arena) take(in *wasm.Instance, n uint32) uint32 {
	if a.descriptor == 0 {
		return 0
	}
	d, ok := in.Read(a.descriptor, arenaBytes)
	if !ok {
		return 0
	}
	base, size := binary.LittleEndian.Uint32(d[4:]), binary.LittleEndian.Uint32(d[8:])
	used := binary.LittleEndian.Uint32(d[12:])
	if used >= size || n >= size-used {
		return 0
	}
	next := min((uint64(used)+uint64(n)+7)&^7, uint64(size))
	binary.LittleEndian.PutUint32(d[12:], uint32(next))
	return base + used
}
