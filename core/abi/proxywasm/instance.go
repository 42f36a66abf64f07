package proxywasm

import (
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/wasm"
)

// instance is the ABI's state of one guest instance. Its lane guards it.
type instance struct {
	in    *wasm.Instance
	vm    *vm
	lane  int // its number
	fn    callbacks
	arena arena

	contexts contexts
	roots    []*rootInstance
	frame    frame

	allocating bool // the guest's allocator runs within a host function
	dead       bool
	callCode   uint32 // of the last call that was answered
	callText   string // its message, of a gRPC call
	nextRPC    uint32
	rpcs       map[uint32]*rpc // on their way
	nextCall   uint32
	nextErrand uint32
	calls      map[uint32]*call // on their way
	cries      []string         // the first error lines of the running callback

	// What host functions build in, kept for the next.
	scratch []byte
	pairs   []pair
	fields  stream.Headers
	reply   filter.Reply
	name    [maxName]byte
	digits  statusDigits

	timeoutField string // that a filter named last
}

// kind is what a callback is about. It decides which maps and buffers there
// are.
type kind uint8

const (
	kindNone      kind = iota
	kindStart          // _initialize, _start and main
	kindVMStart        // on_vm_start, on_context_create of roots
	kindConfigure      // on_configure
	kindRoot           // on_tick, on_queue_ready
	kindCall           // on_http_call_response
	kindRPC            // the callbacks of gRPC calls
	kindForeign        // on_foreign_function
	kindCreate         // on_context_create of a stream
	kindPhase          // the six phases of a stream
	kindLog            // on_log
	kindEnd            // on_done and on_delete
)

// target is a context that host functions act on: a stream's part with its
// root, a root alone, or nothing.
type target struct {
	root *rootInstance
	part *part
}

// frame is the callback that runs. There is one at a time.
type frame struct {
	kind kind
	own  target // whose callback it is
	at   target // the effective context
	end  bool   // a last body callback
	fuel uint64 // the lane's, when it began
	held []filter.Stream
	call *filter.CallResponse
	args []byte // of on_foreign_function
	rpc  rpcFrame
}

// enter opens a callback.
func (i *instance) enter(k kind, t target) {
	f := &i.frame
	f.kind, f.own, f.at = k, t, t
	if t.part != nil && t.root.stateless {
		i.arena.setRoot(i.in, t.root.id)
	} else {
		i.arena.setRoot(i.in, 0)
	}
	f.fuel = i.in.Lane().Fuel()
}

// leave closes it, whether it went well or not, and lets go of the streams
// that it held.
func (i *instance) leave() {
	f := &i.frame
	if ri := f.own.root; ri != nil {
		fuel := i.in.Lane().Fuel() - f.fuel
		ri.burned(fuel)
		if p := f.own.part; p != nil {
			p.burned += fuel
		}
	}
	for n, s := range f.held {
		f.held[n] = nil
		s.Release()
	}
	f.held = f.held[:0]
	if len(i.cries) > 0 {
		i.cries = nil
	}
	f.kind, f.own, f.at, f.call, f.args, f.end = kindNone, target{}, target{}, nil, nil, false
	f.rpc = rpcFrame{}
	if cap(i.scratch) > maxScratch {
		i.scratch = nil
	}
}

// maxScratch bounds the memory kept for building answers, in bytes.
const maxScratch = 64 << 10

// holds says whether the frame may touch s.
func (i *instance) holds(s filter.Stream) bool {
	if p := i.frame.own.part; p != nil && p.stream == s {
		return true
	}
	for _, h := range i.frame.held {
		if h == s {
			return true
		}
	}
	return false
}

// stream is the effective stream, nil on a root and where the stream can't be
// touched.
func (i *instance) stream() filter.Stream {
	p := i.frame.at.part
	if p == nil || p != i.frame.own.part && !i.holds(p.stream) {
		return nil
	}
	return p.stream
}
