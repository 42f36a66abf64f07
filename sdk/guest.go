package sdk

import (
	"runtime"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// guest is one instance of the module: it takes the host's callbacks to the
// handlers of the context they are for.
type guest struct {
	contexts contexts
	pending  map[uint32]pendingCall
	calls    uint32 // callbacks so far
	doing    string // for the line that a panic leaves
}

// collectEvery is how many callbacks apart the collector gets a moment. It runs
// only inside callbacks: left alone, a guest with many live objects grows
// and then stops for long.
const collectEvery = 1024

// begin opens a callback.
func (g *guest) begin(doing string) {
	abi.BeginCallback()
	g.doing = doing
	g.calls++
	if g.calls%collectEvery == 0 {
		runtime.Gosched()
	}
}

// guard is deferred by callbacks that run a filter's code: a panic leaves a
// line in the host's log, then ends the instance.
func (g *guest) guard() {
	if v := recover(); v != nil {
		Log(LevelCritical, "panic in ", g.doing, ": ", panicText(v))
		panic(v)
	}
}

func panicText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case error:
		return v.Error()
	}
	return "a value that is neither an error nor a string"
}

// OnContextCreate makes a root (parent 0) or a stream.
func (g *guest) OnContextCreate(id, parent uint32) {
	g.begin("on_context_create")
	if parent == 0 {
		g.contexts.put(entry{id: id, root: &Root{id: id, guest: g}})
		return
	}
	r := g.contexts.find(parent).root
	if r == nil {
		return
	}
	defer g.guard()
	s := r.takeStream()
	s.id = id
	g.contexts.put(entry{id: id, stream: s})
}

// OnVMStart has nothing to do.
func (g *guest) OnVMStart(root, size uint32) bool { return true }

// OnConfigure makes the plugin of a root.
func (g *guest) OnConfigure(root, size uint32) bool {
	g.begin("on_configure")
	r := g.contexts.find(root).root
	if r == nil {
		return false
	}
	defer g.guard()
	if err := r.configure(); err != nil {
		Error("configuring filter ", quote(r.rootID), ": ", err.Error())
		return false
	}
	return true
}

// OnDone tells a plugin that its configuration ends.
func (g *guest) OnDone(id uint32) bool {
	g.begin("on_done")
	if r := g.contexts.find(id).root; r != nil && r.closer != nil {
		defer g.guard()
		r.closer.Close(r)
	}
	return true
}

// OnDelete forgets a context.
func (g *guest) OnDelete(id uint32) {
	g.begin("on_delete")
	e := g.contexts.find(id)
	g.contexts.remove(id)
	if s := e.stream; s != nil {
		defer g.guard()
		s.root.releaseStream(s)
	}
}
