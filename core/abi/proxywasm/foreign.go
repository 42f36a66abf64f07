package proxywasm

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/foreign"
	"github.com/weirproxy/weir/core/state"
)

// callForeign is proxy_call_foreign_function(name, size, arguments, size,
// &data, &size).
func (i *instance) callForeign(a []uint64) status {
	name, ok1 := i.view(a[0], a[1])
	args, ok2 := i.view(a[2], a[3])
	if !ok1 || !ok2 {
		return statusInvalidMemory
	}
	f := i.vm.host.Foreign.Find(name)
	switch {
	case f == nil:
		declare := declarations[string(name)]
		if declare == nil {
			return statusNotFound
		}
		if s := declare(i, args); s != statusOK {
			return s
		}
		return i.answerForeign(nil, a[4], a[5])
	case f.Async:
		return i.beginForeign(f, args, a[4], a[5])
	}
	result, cost, s := f.Run(i, i.scratch[:0], args)
	i.scratch = result[:0]
	i.in.Charge(cost)
	if s != foreign.OK {
		return status(s)
	}
	return i.answerForeign(result, a[4], a[5])
}

// answerForeign is answer for the one function whose callers may not want a
// result: C++ guests leave both pointers, or one of them, null.
func (i *instance) answerForeign(result []byte, ptr, size uint64) status {
	switch wanted, told := uint32(ptr) != 0, uint32(size) != 0; {
	case wanted && told:
		return i.answer(result, ptr, size)
	case told:
		return i.number(size, uint32(len(result)))
	case wanted:
		return i.number(ptr, 0)
	}
	return statusOK
}

// declarations are the functions by which a filter says how its streams are to
// be handled: within on_configure all of them, or the one at hand.
var declarations = map[string]func(*instance, []byte) status{
	functionPhases: (*instance).declarePhases,
	functionEdits:  (*instance).declareEdits,
	functionMirror: (*instance).wishForMirror,
	functionTrace:  (*instance).declareTrace,
	functionOrder:  (*instance).declareOrder,

	functionRecall:   (*instance).declareRecall,
	functionRemember: (*instance).remember,
}

// functionPhases declares, within on_configure, the phases that a filter takes
// part in: a set of bits in 4 bytes, in the order of a stream's life.
const functionPhases = "weir.phases"

// bitStateless, among the phases, says that streams need no context in the
// guest: none is created or deleted there.
const bitStateless = 1 << 7

// bitsConnections is where the bits of connections begin: a new connection, data
// from downstream, data from upstream, the ends of both.
const bitsConnections = 8

// connectionPhases are the phases of the bits of connections.
func connectionPhases(bits uint32) (p filter.Phases, ok bool) {
	for n, phases := range [...]filter.Phases{
		filter.PhaseRequestHeaders, filter.PhaseRequestBody, filter.PhaseResponseBody, filter.PhaseResponseBody | filter.PhaseLog,
	} {
		if bits&(1<<n) != 0 {
			p |= phases
		}
	}
	return p, bits < 1<<4
}

func (i *instance) declarePhases(args []byte) status {
	ri := i.frame.own.root
	if i.frame.kind != kindConfigure || ri == nil || len(args) != 4 {
		return statusBadArgument
	}
	bits := binary.LittleEndian.Uint32(args)
	stateless := bits&bitStateless != 0
	bits &^= bitStateless
	connections, ok := connectionPhases(bits >> bitsConnections)
	bits &= 1<<bitsConnections - 1
	if !ok || bits&^uint32(filter.AllPhases) != 0 || stateless && !i.arena.roots {
		return statusBadArgument
	}
	ri.declared = taken{filter.Phases(bits), connections | filter.Phases(bits)&filter.PhaseLog}
	ri.declares, ri.stateless = true, stateless
	return statusOK
}

// The instance is what foreign functions see of the callback that calls them.
var _ foreign.Call = (*instance)(nil)

// State is the VM's namespace.
func (i *instance) State() *state.Namespace { return i.vm.space }

// ClearRoute has the effective stream's route matched again.
func (i *instance) ClearRoute() foreign.Status {
	if s, m := i.moment(); m == momentLive {
		s.ClearRoute()
	}
	return foreign.OK
}

// SetFilterState stores a property that filters find under filter_state.
func (i *instance) SetFilterState(path string, value []byte) foreign.Status {
	s, m := i.moment()
	if m != momentLive {
		return foreign.BadArgument
	}
	i.scratch = append(append(i.scratch[:0], "filter_state\x00"...), path...)
	s.SetProperty(text(i.scratch), value)
	return foreign.OK
}

// errand is a foreign function that runs beside its lane.
type errand struct {
	i       *instance
	id      uint32
	root    *rootInstance
	context uint32 // the stream's that asked for it, 0 for the root
}

// beginForeign runs a function beside the lane. The guest gets an id at once
// and the rest by on_foreign_function.
func (i *instance) beginForeign(f *foreign.Function, args []byte, ptr, size uint64) status {
	h := i.vm.host
	ri := i.frame.at.root
	if ri == nil {
		return statusBadArgument
	}
	if h.errands.Add(1) > maxErrands {
		h.errands.Add(-1)
		return statusInternalFailure
	}
	i.nextErrand++
	e := &errand{i: i, id: i.nextErrand, root: ri}
	if p := i.frame.at.part; p != nil {
		e.context = p.id
		p.waits++
	}
	args = bytes.Clone(args)
	go func() { e.deliver(i.runForeign(f, args), firstRetry) }()
	var id [4]byte
	binary.LittleEndian.PutUint32(id[:], e.id)
	return i.answerForeign(id[:], ptr, size)
}

// runForeign is what on_foreign_function will show. A function that panics is a
// bug of ours, which must not end the process.
func (i *instance) runForeign(f *foreign.Function, args []byte) (shown []byte) {
	defer func() {
		if r := recover(); r != nil {
			i.vm.host.Log.Error("a foreign function failed: this is a bug in the proxy, please report it", "function", f.Name, "panic", r)
			shown = binary.LittleEndian.AppendUint32(nil, uint32(foreign.InternalFailure))
		}
	}()
	result, _, s := f.Run(nil, nil, args)
	shown = binary.LittleEndian.AppendUint32(nil, uint32(s))
	if s == foreign.OK {
		shown = append(shown, result...)
	}
	return shown
}

// maxErrands bounds the foreign functions that run beside lanes.
const maxErrands = 256

// Errands is how much goes on beside lanes that guests will be told of: foreign
// functions, and items in queues.
func (h *Host) Errands() int { return int(h.errands.Load() + h.notices.Load()) }

// deliver makes on_foreign_function for the context that asked. What it shows
// is a status of 4 bytes and then the function's result.
func (e *errand) deliver(result []byte, wait time.Duration) {
	i := e.i
	lane := i.in.Lane()
	lane.Lock()
	defer lane.Unlock()
	again := false
	defer func() {
		if !again {
			i.vm.host.errands.Add(-1)
		}
	}()
	f := i.fn.foreign
	if i.dead || f == nil || e.root.gone {
		return
	}
	t, id := target{root: e.root}, e.root.id
	if e.context != 0 {
		p := i.partOf(e.context)
		if p == nil {
			return // the stream has ended
		}
		if !i.hold(p) {
			again = true
			time.AfterFunc(wait, func() { e.deliver(result, min(2*wait, lastRetry)) })
			return
		}
		t.part, id = p, p.id
		p.waits--
	}
	defer i.leave()
	i.enter(kindForeign, t)
	i.frame.args = result
	i.in.Call(f, uint64(id), uint64(e.id), uint64(len(result))) // its failure ends the instance, which says so itself
	i.after(e.root)
}
