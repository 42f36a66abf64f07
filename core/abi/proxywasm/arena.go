package proxywasm

import (
	"encoding/binary"

	"github.com/weirproxy/weir/core/wasm"
)

// arena is the memory that a guest of our SDK lays out for the answers of one
// callback: the host takes some without calling back into the guest. The
// guest's export weir_sdk answers the address of
//
//	u32le version (1 or 2), base, size, used; since 2: root
//
// and sets used back to 0 when a callback begins. root is ours to write: see
// setRoot. The zero arena has nothing.
type arena struct {
	descriptor uint32
	roots      bool   // the descriptor has a root
	root       uint32 // what it holds
}

const (
	arenaBytes = 16 // of the descriptor, without root
	arenaRoot  = 16 // where that is
)

// read finds the arena. Nonsense is as good as none: the allocator is asked
// then.
func (a *arena) read(in *wasm.Instance, descriptor uint32) {
	*a = arena{}
	d, ok := in.Read(descriptor, arenaBytes)
	if !ok || descriptor == 0 {
		return
	}
	switch binary.LittleEndian.Uint32(d) {
	case 2:
		a.roots = in.WriteU32(descriptor+arenaRoot, 0)
		fallthrough
	case 1:
		a.descriptor = descriptor
	}
}

// setRoot tells the guest whose stream the callback is for that follows; 0 is
// one that has a context there, or none.
func (a *arena) setRoot(in *wasm.Instance, id uint32) {
	if a.roots && a.root != id {
		a.root = id
		in.WriteU32(a.descriptor+arenaRoot, id)
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
