package abi

import (
	"runtime"
	"unsafe"
)

// arenaSize is what one callback usually needs, in bytes. Larger values get
// memory of their own, which goes with the callback.
const arenaSize = 16 << 10

// Arena tells a host where the memory for one callback's answers lies, so
// that it can take some without calling back. Its layout is part of ABI.md.
type Arena struct {
	Version uint32 // 2
	Base    uint32 // address, 8-byte aligned
	Size    uint32 // bytes
	Used    uint32 // bytes, set back to 0 when a callback begins
	Root    uint32 // the host's: the root of the stream whose callback runs, if it has no context here
}

var (
	block   []byte   // what Descriptor describes
	spill   [][]byte // larger or further memory, kept alive for this callback or a bit longer
	spilled int      // how much of it belongs to this callback
	ledger  Arena
)

// Descriptor is the arena's description. Its address never changes.
func Descriptor() *Arena {
	if block == nil {
		block = make([]byte, arenaSize)
		ledger = Arena{Version: 2, Base: uint32(uintptr(unsafe.Pointer(&block[0]))), Size: arenaSize}
	}
	return &ledger
}

// Root is the root of the stream whose callback runs, where the host makes no
// context for it, else 0.
func Root() uint32 { return ledger.Root }

// collectEvery is how many callbacks apart the collector gets a moment. It runs
// only inside callbacks: left alone, a guest with many live objects grows
// and then stops for long.
const collectEvery = 1024

// left is how many callbacks until then.
var left uint32 = collectEvery

// BeginCallback gives back what the last callback's answers took. It is short:
// every callback begins with it.
func BeginCallback() {
	ledger.Used = 0
	spilled = 0
	left--
	if left == 0 {
		collect()
	}
}

// collect lets go of memory that spilled, and lets the collector run.
func collect() {
	left = collectEvery
	clear(spill)
	runtime.Gosched()
}

// Allocate hands out size bytes for an answer of the host. They are valid
// until the next callback begins, or longer while Go code refers to them.
func Allocate(size uint32) unsafe.Pointer {
	a := Descriptor()
	if size < a.Size-a.Used {
		p := unsafe.Pointer(&block[a.Used:][:1][0])
		a.Used = min((a.Used+size+7)&^7, a.Size)
		return p
	}
	b := make([]byte, size)
	if spilled == len(spill) {
		spill = append(spill, nil)
	}
	spill[spilled] = b
	spilled++
	return unsafe.Pointer(&b[0])
}

// The results of a host call. They are globals because a host call can call
// Allocate, which may move the stack: the address of a local variable would
// be stale when the host writes to it.
var (
	outData unsafe.Pointer // the host writes its low four bytes
	outSize uint32
	outWord uint32
	outLong uint64
)

// answer is the bytes that the last host call returned.
func answer(s Status) ([]byte, Status) {
	if s != OK {
		return nil, s
	}
	if outSize == 0 {
		return []byte{}, OK
	}
	// unsafe.Slice asks the runtime, which multiplies: a twentieth of a small callback.
	return (*[1 << 30]byte)(outData)[:outSize:outSize], OK
}

func addr(s string) unsafe.Pointer { return unsafe.Pointer(unsafe.StringData(s)) }

func addrBytes(b []byte) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(b)) }
