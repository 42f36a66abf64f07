package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// OnTick is a root's timer.
func (g *guest) OnTick(root uint32) {
	abi.BeginCallback()
	if r := g.contexts.root(root); r != nil && r.tick != nil {
		r.tick.OnTick(r)
	}
}

// OnQueueReady says that a queue has items.
func (g *guest) OnQueueReady(root, queue uint32) {
	abi.BeginCallback()
	if r := g.contexts.root(root); r != nil && r.queue != nil {
		r.queue.OnQueue(r, Queue{queue})
	}
}

// OnHTTPCall brings the answer to a call to who made it. A stream that has
// ended meanwhile gets none.
func (g *guest) OnHTTPCall(root, call, headers, body, trailers uint32) {
	abi.BeginCallback()
	p, ok := g.pending[call]
	if !ok {
		return
	}
	delete(g.pending, call)
	var st *Stream
	if p.context != p.root.id {
		if st, ok = p.root.Enter(p.context); !ok {
			return
		}
	} else if g.contexts.root(root) == nil {
		return
	}
	r := &CallResponse{Failed: headers == 0}
	switch {
	case p.done != nil:
		p.done(r)
	case st != nil && st.h.call != nil:
		st.h.call.OnHTTPCall(st, call, r)
	}
}

// OnForeign brings the later answer of a foreign function.
func (g *guest) OnForeign(id, function, size uint32) {
	abi.BeginCallback()
	args, _ := abi.BufferGet(abi.ForeignResult, 0, size)
	if st := g.stream(id); st != nil {
		if st.h.foreign != nil {
			st.h.foreign.OnForeign(st, function, args)
		}
		return
	}
	if r := g.contexts.root(id); r != nil && r.h.foreign != nil {
		r.h.foreign.OnForeign(nil, function, args)
	}
}
