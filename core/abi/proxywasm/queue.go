package proxywasm

import (
	"errors"
	"sync/atomic"

	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/wasm"
)

// registerQueue is proxy_register_shared_queue(name, size, &id): the root is
// told of what is enqueued from now on, in the instance that called last.
func (i *instance) registerQueue(a []uint64) status {
	name, ok := i.view(a[0], a[1])
	if !ok {
		return statusInvalidMemory
	}
	ri := i.frame.at.root
	if ri == nil {
		return statusBadArgument
	}
	i.in.Charge(sharedUnits)
	n := &notifier{root: ri.root, lane: i.in.Lane()}
	id, err := i.vm.host.State.Queues().Register(i.vm.namespace, string(name), ri.root, n.ready)
	if err != nil {
		return statusInternalFailure
	}
	return i.number(a[2], id)
}

// notifier tells a root of the items of one queue, on the lane whose instance
// registered: one callback an item, one goroutine for all of them.
type notifier struct {
	root    *root
	lane    *wasm.Lane
	pending atomic.Int64
}

func (n *notifier) ready(id uint32) {
	if n.pending.Add(1) > 1 {
		return
	}
	notices := &n.root.vm.host.notices
	notices.Add(1)
	go func() {
		defer notices.Add(-1)
		for {
			n.tell(id)
			if n.pending.Add(-1) == 0 {
				return
			}
		}
	}()
}

// tell makes on_queue_ready. A fresh instance in the lane knows of the queue by
// its root's start. Where there is none, the item stays for whoever dequeues next.
func (n *notifier) tell(id uint32) {
	n.lane.Lock()
	defer n.lane.Unlock()
	in := n.lane.Instance()
	if in == nil {
		return
	}
	i := in.User.(*instance)
	ri := i.rootOf(n.root)
	if ri == nil || i.fn.queueReady == nil {
		return
	}
	i.enter(kindRoot, target{root: ri})
	i.in.Call(i.fn.queueReady, uint64(ri.id), uint64(id)) // its failure ends the instance, which says so itself
	i.leave()
	i.after(ri)
}

// resolveQueue is proxy_resolve_shared_queue(vm, size, name, size, &id). An
// empty vm is the caller's own.
func (i *instance) resolveQueue(a []uint64) status {
	vm, ok1 := i.view(a[0], a[1])
	name, ok2 := i.view(a[2], a[3])
	if !ok1 || !ok2 {
		return statusInvalidMemory
	}
	i.in.Charge(sharedUnits)
	space := i.vm.namespace
	if len(vm) > 0 && string(vm) != i.vm.id {
		space = vmNamespace(string(vm))
	}
	id, ok := i.vm.host.State.Queues().Resolve(space, text(name))
	if !ok {
		return statusNotFound
	}
	return i.number(a[4], id)
}

// enqueue is proxy_enqueue_shared_queue(id, value, size).
func (i *instance) enqueue(a []uint64) status {
	value, ok := i.view(a[1], a[2])
	if !ok {
		return statusInvalidMemory
	}
	i.in.Charge(sharedUnits)
	switch err := i.vm.host.State.Queues().Enqueue(uint32(a[0]), value); {
	case err == nil:
		return statusOK
	case errors.Is(err, state.ErrNotFound):
		return statusNotFound
	}
	return statusInternalFailure // too large, or the queue is full
}

// dequeue is proxy_dequeue_shared_queue(id, &data, &size).
func (i *instance) dequeue(a []uint64) status {
	i.in.Charge(sharedUnits)
	item, err := i.vm.host.State.Queues().Dequeue(uint32(a[0]))
	switch {
	case err == nil:
		return i.answer(item, a[1], a[2])
	case errors.Is(err, state.ErrEmpty):
		return statusEmpty
	}
	return statusNotFound
}
