package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// guest is one instance of the module: it takes the host's callbacks to the
// handlers of the context they are for.
//
// A panic is left to the runtime: it writes what happened, and where, to
// standard error, which hosts log, and ends the instance. Recovering to say less
// would cost every callback something.
type guest struct {
	contexts contexts
	pending  map[uint32]pendingCall
	rpcs     map[uint32]pendingRPC
}

// stream is the stream of an id, nil if there is none. Where the host makes no
// contexts for streams that have no state, their root stands in for them.
func (g *guest) stream(id uint32) *Stream {
	if root := abi.Root(); root != 0 {
		if r := g.contexts.root(root); r != nil {
			return r.standIn(id)
		}
	}
	return g.contexts.stream(id)
}

// OnContextCreate makes a root (parent 0) or a stream.
func (g *guest) OnContextCreate(id, parent uint32) {
	abi.BeginCallback()
	if parent == 0 {
		g.contexts.putRoot(&Root{id: id, guest: g})
		return
	}
	r := g.contexts.root(parent)
	if r == nil {
		return
	}
	s := r.takeStream()
	s.id = id
	g.contexts.put(s)
}

// OnVMStart has nothing to do.
func (g *guest) OnVMStart(root, size uint32) bool { return true }

// OnConfigure makes the plugin of a root.
func (g *guest) OnConfigure(root, size uint32) bool {
	abi.BeginCallback()
	r := g.contexts.root(root)
	if r == nil {
		return false
	}
	if err := r.configure(); err != nil {
		Error("configuring filter ", quote(r.rootID), ": ", err.Error())
		return false
	}
	return true
}

// OnDone tells a plugin that its configuration ends. A stream has nothing to
// do before it is deleted.
func (g *guest) OnDone(id uint32) bool {
	abi.BeginCallback()
	if g.contexts.stream(id) != nil {
		return true
	}
	if r := g.contexts.root(id); r != nil && r.closer != nil {
		r.closer.Close(r)
	}
	return true
}

// OnDelete forgets a context.
func (g *guest) OnDelete(id uint32) {
	abi.BeginCallback()
	if s := g.contexts.take(id); s != nil {
		s.root.releaseStream(s)
		return
	}
	g.contexts.takeRoot(id)
}
