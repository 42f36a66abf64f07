package proxywasm

import (
	"slices"
	"time"
)

// forget ends a root that no filter uses any more: in each instance when its
// last stream there has ended.
func (v *vm) forget(r *root) {
	v.mu.Lock()
	v.roots = slices.DeleteFunc(v.roots, func(o *root) bool { return o == r })
	v.mu.Unlock()
	r.closing.Store(true)
	for n := range v.lanes.Lanes() {
		l := v.lanes.Lane(n)
		l.Lock()
		if in := l.Instance(); in != nil {
			i := in.User.(*instance)
			if ri := i.rootOf(r); ri != nil {
				i.closeRoot(ri)
			}
		}
		l.Unlock()
	}
	r.leave()
}

// leave ends one of what keeps the root. The last lets go of the VM, on a
// goroutine of its own because lanes may be locked.
func (r *root) leave() {
	if r.instances.Add(-1) > 0 {
		return
	}
	h := r.vm.host
	h.State.Queues().Leave(r)
	h.ending.Go(func() { h.release(r.vm) })
}

// closeRoot ends a root's context, unless streams still need it.
func (i *instance) closeRoot(ri *rootInstance) {
	if ri.gone || ri.streams > 0 || ri.waiting {
		return
	}
	ri.tick.stop()
	if i.dead || i.in.Dead() {
		i.dropRoot(ri)
		return
	}
	defer i.leave()
	i.enter(kindRoot, target{root: ri})
	if f := i.fn.done; f != nil {
		ok, err := i.in.Call(f, uint64(ri.id))
		if err != nil {
			i.dropRoot(ri)
			return
		}
		if ok == 0 && !ri.done && !ri.refused {
			i.putOff(ri)
			return
		}
	}
	i.deleteRoot(ri)
}

// doneWait is how long a root may put off its end.
const doneWait = 10 * time.Second

// putOff waits for proxy_done, though not for ever, and not at all when the VM
// is being closed: its context then goes without on_delete, as in Envoy.
func (i *instance) putOff(ri *rootInstance) {
	if i.vm.closed.Load() {
		i.dropRoot(ri)
		return
	}
	ri.waiting = true
	lane := i.in.Lane()
	i.vm.host.Clock.AfterFunc(doneWait, func() {
		lane.Lock()
		defer lane.Unlock()
		ri.done = true
		i.after(ri)
	})
}

// deleteRoot makes the root's last callback.
func (i *instance) deleteRoot(ri *rootInstance) {
	if f := i.fn.delete; f != nil {
		i.in.Call(f, uint64(ri.id)) // its failure ends the instance, which says so itself
	}
	i.dropRoot(ri)
}

// dropRoot forgets the context.
func (i *instance) dropRoot(ri *rootInstance) {
	if ri.gone {
		return
	}
	ri.gone = true
	ri.root.counts.fuel.Add(ri.fuel)
	ri.tick.stop()
	i.dropRPCs(ri)
	i.contexts.remove(ri.id)
	i.roots = slices.DeleteFunc(i.roots, func(o *rootInstance) bool { return o == ri })
	ri.root.leave()
}

// closeRoots ends them all: the VM is being closed.
func (i *instance) closeRoots() {
	for _, ri := range slices.Clone(i.roots) {
		ri.streams = 0
		i.closeRoot(ri) // one that waits for proxy_done is dropped
	}
	i.forsake()
}

// forsake lets go of all that an instance held which runs no more.
func (i *instance) forsake() {
	i.dead = true
	for _, c := range i.calls {
		c.abandon()
	}
	i.calls = nil
	i.dropRPCs(nil)
	for _, ri := range slices.Clone(i.roots) {
		i.dropRoot(ri)
	}
}
