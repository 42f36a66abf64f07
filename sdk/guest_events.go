package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// OnTick is a root's timer.
func (g *guest) OnTick(root uint32) {
	g.begin("on_tick")
	if r := g.contexts.find(root).root; r != nil && r.tick != nil {
		defer g.guard()
		r.tick.OnTick(r)
	}
}

// OnQueueReady says that a queue has items.
func (g *guest) OnQueueReady(root, queue uint32) {
	g.begin("on_queue_ready")
	if r := g.contexts.find(root).root; r != nil && r.queue != nil {
		defer g.guard()
		r.queue.OnQueue(r, Queue{queue})
	}
}

// OnHTTPCall brings the answer to a call to who made it. A stream that has
// ended meanwhile gets none.
func (g *guest) OnHTTPCall(root, call, headers, body, trailers uint32) {
	g.begin("on_http_call_response")
	p, ok := g.pending[call]
	if !ok {
		return
	}
	delete(g.pending, call)
	e := g.contexts.find(p.context)
	if e.id == 0 {
		return
	}
	if e.stream != nil && abi.SetEffective(p.context) != abi.OK {
		return
	}
	defer g.guard()
	r := &CallResponse{Failed: headers == 0}
	switch {
	case p.done != nil:
		p.done(r)
	case e.stream != nil && e.stream.h.call != nil:
		e.stream.h.call.OnHTTPCall(e.stream, call, r)
	}
}

// OnForeign brings the later answer of a foreign function.
func (g *guest) OnForeign(id, function, size uint32) {
	g.begin("on_foreign_function")
	args, _ := abi.BufferGet(abi.ForeignResult, 0, size)
	e := g.contexts.find(id)
	switch {
	case e.stream != nil && e.stream.h.foreign != nil:
		defer g.guard()
		e.stream.h.foreign.OnForeign(e.stream, function, args)
	case e.root != nil && e.root.h.foreign != nil:
		defer g.guard()
		e.root.h.foreign.OnForeign(nil, function, args)
	}
}
