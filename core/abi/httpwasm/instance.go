package httpwasm

import (
	"github.com/weirproxy/weir/core/wasm"
)

// instance is the ABI's state of one guest instance. Its lane guards it.
type instance struct {
	in     *wasm.Instance
	filter *Filter
	part   *part // whose stream it serves, nil while none

	base     features // enabled while it started: of each request
	request  *wasm.Function
	response *wasm.Function

	// What host functions build in, kept for the next.
	scratch []byte
	names   [][]byte
}

// maxScratch bounds the memory kept for building answers, in bytes.
const maxScratch = 64 << 10

// instance is the state of in, made when it is first asked for: a module's
// start section calls host functions before anything else does.
func (f *Filter) instance(in *wasm.Instance) *instance {
	i, ok := in.User.(*instance)
	if !ok {
		i = &instance{in: in, filter: f}
		in.User = i
	}
	return i
}

// start makes a fresh instance ready.
func (f *Filter) start(in *wasm.Instance) error {
	i := f.instance(in)
	i.request, i.response = in.Func(exportRequest), in.Func(exportResponse)
	for _, name := range [...]string{"_initialize", "_start"} {
		if init := in.Func(name); init != nil {
			_, err := in.Call(init)
			return err
		}
	}
	return nil
}

// lost is told that a started instance died.
func (f *Filter) lost(in *wasm.Instance, cause error) {
	f.traps.Add(1)
	f.logLost(f.instance(in), cause)
}

// bytes is what the guest has at ptr. It is valid until the guest runs again.
func (i *instance) bytes(what string, ptr, n uint64) []byte {
	if uint32(n) == 0 {
		return nil
	}
	b, ok := i.in.Read(uint32(ptr), uint32(n))
	if !ok {
		trap("%s of %d bytes at %#x: not within the guest's memory", what, uint32(n), uint32(ptr))
	}
	i.charge(len(b))
	return b
}

// give writes data to the guest's buffer if that is not too short, and answers
// how long it is in any case.
func (i *instance) give(ptr, limit uint64, data []byte) uint64 {
	if n := uint64(len(data)); n > uint64(uint32(limit)) || n == 0 {
		return n
	}
	if !i.in.Write(uint32(ptr), data) {
		trap("a buffer at %#x for %d bytes: not within the guest's memory", uint32(ptr), len(data))
	}
	i.charge(len(data))
	return uint64(len(data))
}

// bytesPerUnit is how many bytes one unit of a callback's budget copies or
// scans: a nanosecond does some ten bytes.
const bytesPerUnit = 8

func (i *instance) charge(bytes int) { i.in.Charge(int64(bytes) / bytesPerUnit) }

// rest lays the instance's scratch memory by.
func (i *instance) rest() {
	if cap(i.scratch) > maxScratch {
		i.scratch = nil
	}
}
