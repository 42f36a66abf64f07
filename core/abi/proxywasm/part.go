package proxywasm

import (
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/wasm"
)

// part is a filter's side of one stream. Its stream's owner calls it; what is
// marked is guarded by its lane, because others reach it through its instance.
type part struct {
	filter *Filter
	stream filter.Stream
	left   filter.Phases // that may still come
	ended  [2]bool       // the message's end was seen
	coder  coder         // of the response's body

	circuit entered

	// Guarded by the lane.
	inst   *instance // where its context lives, nil when there is none
	root   *rootInstance
	id     uint32 // its context; 0 until its first callback
	lost   error  // its instance died
	nap    *nap
	waits  int     // answers that are to come: of calls, of functions that run beside the lane
	held   [2]bool // the head has not been let go
	logged bool    // on_log was made, or need not be
	over   bool    // its log, done and delete are all that was left when it did
	hurt   bool    // a head it may have made unfit to be sent on
	burned uint64  // fuel, by its callbacks

	// Of the first part of a stream in its VM, which the others refer to.
	group   *part
	members int // parts that refer to it and are not closed
	lane    *wasm.Lane
	arena   []byte // bytes of pseudo headers that were set, append-only
	written int
	calls   int // in flight, of the stream; guarded by the lane
}

// enter takes the lane and sees to it that the part has a context there. The
// lane is locked when it answers an instance.
func (p *part) enter() (*instance, error) {
	g := p.group
	if g.lane == nil {
		if err := p.takeLane(); err != nil {
			return nil, err
		}
	} else {
		g.lane.Lock()
		if p.inst == nil && p.lost == nil && g.lane.Instance() == nil {
			g.lane.Unlock()
			if err := p.takeLane(); err != nil {
				return nil, err
			}
		}
	}
	if p.lost != nil {
		g.lane.Unlock()
		return nil, p.lost
	}
	if p.inst != nil {
		return p.inst, nil
	}
	if err := p.begin(g.lane.Instance()); err != nil {
		g.lane.Unlock()
		return nil, err
	}
	return p.inst, nil
}

// takeLane locks a lane with an instance for the stream.
func (p *part) takeLane() error {
	r := p.filter.root
	l, err := r.vm.lanes.Acquire()
	if err != nil {
		r.counts.unavailable.Add(1)
		return err
	}
	p.group.lane = l
	return nil
}

// begin makes the part's context.
func (p *part) begin(in *wasm.Instance) error {
	i := in.User.(*instance)
	r := p.filter.root
	if r.breaker.open() {
		r.counts.unavailable.Add(1)
		return fault.New(fault.GuestUnavailable, "entering filter "+r.spec.Name, errQuarantined)
	}
	ri, err := i.root(r)
	if err != nil {
		r.counts.unavailable.Add(1)
		return fault.New(fault.GuestUnavailable, "entering filter "+r.spec.Name, err)
	}
	p.inst, p.root = i, ri
	p.id = i.contexts.add(nil, p)
	ri.streams++
	f := i.fn.contextCreate
	if f == nil || ri.stateless {
		return nil
	}
	i.enter(kindCreate, target{ri, p})
	_, err = i.in.Call(f, uint64(p.id), uint64(ri.id))
	i.leave()
	return err
}

// keep copies b into memory that lives as long as the stream.
func (p *part) keep(b []byte) []byte {
	at := len(p.arena)
	p.arena = append(p.arena, b...)
	return p.arena[at:len(p.arena):len(p.arena)]
}

// lose tells the part that its instance died. One whose owner has made the callback
// that runs gets the error as its result.
func (p *part) lose(cause error, running bool) {
	p.lost, p.inst, p.root = cause, nil, nil
	p.over = p.left&^filter.PhaseLog == 0
	if !running && !p.over {
		p.stream.Fail(p, cause)
	}
}

// Close ends the part: on_done, on_delete.
func (p *part) Close() {
	if p.id != 0 {
		p.group.lane.Lock()
		p.rise()
		p.end()
		p.group.lane.Unlock()
	}
	p.endCircuit()
	g := p.group
	g.members--
	if p != g {
		p.release()
	}
	if g.members == 0 {
		g.release()
	}
}

// end makes the last callbacks of the part's context and forgets it. The lane
// is locked.
func (p *part) end() {
	i, ri := p.inst, p.root
	if i == nil {
		return
	}
	if !ri.stateless && !(p.ofConnection() && p.logged) { // a connection's have been
		i.enter(kindEnd, target{ri, p})
		if f := i.fn.done; f != nil {
			i.in.Call(f, uint64(p.id)) // its answer has no meaning for a stream
		}
		if f := i.fn.delete; f != nil && p.inst != nil { // on_done may have ended the instance
			i.in.Call(f, uint64(p.id))
		}
		i.leave()
		if p.inst == nil {
			return // the instance died
		}
	}
	i.contexts.remove(p.id)
	p.inst, p.root = nil, nil
	if ri.streams--; ri.streams == 0 && ri.root.closing.Load() {
		i.closeRoot(ri)
	}
}

// maxArena bounds what a pooled part holds on to, in bytes.
const maxArena = 8 << 10

// release lays the part by for another stream.
func (p *part) release() {
	f := p.filter
	arena := p.arena[:0]
	if cap(arena) > maxArena {
		arena = nil
	}
	*p = part{filter: f, arena: arena, circuit: entered{own: p.circuit.own}}
	f.parts.Put(p)
}
