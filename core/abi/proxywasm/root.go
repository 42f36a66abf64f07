package proxywasm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/weirproxy/weir/core/filter"
)

// root is one configured filter in a VM. Each instance has a rootInstance of it.
type root struct {
	vm      *vm
	spec    Spec // without the module's code
	config  []byte
	phases  filter.Phases // set when it was first configured
	log     logLimit
	breaker breaker
	counts  rootCounts

	closing   atomic.Bool
	instances atomic.Int32 // that have it, and one for the Filter
}

// rootCounts is what is shown of a filter.
type rootCounts struct {
	streams     atomic.Uint64 // that came to it
	traps       atomic.Uint64
	unavailable atomic.Uint64 // streams for which no instance was to be had
	calls       atomic.Uint64
}

// addRoot makes the root of a spec in a VM, and configures it in every
// instance that lives. Where the guest refuses it in the first, it is gone again.
func (v *vm) addRoot(ctx context.Context, s *Spec) (*root, error) {
	r := &root{vm: v, spec: *s, config: slices.Clone(s.Config)}
	r.spec.Code = nil
	r.log.init(s.LogLines)
	r.instances.Store(1)
	if v.lanes == nil {
		v.roots = []*root{r}
		if err := v.open(ctx, s); err != nil {
			v.roots = nil
			return nil, err
		}
		return r, nil
	}
	if err := v.tryRoot(r); err != nil {
		return nil, err
	}
	v.mu.Lock()
	v.roots = append(v.roots, r)
	v.mu.Unlock()
	for n := range v.lanes.Lanes() {
		l := v.lanes.Lane(n)
		l.Lock()
		if in := l.Instance(); in != nil {
			in.User.(*instance).root(r) // a refusal is logged, and met again by its streams
		}
		l.Unlock()
	}
	return r, nil
}

// tryRoot configures a new root in one instance: that decides whether it is
// accepted.
func (v *vm) tryRoot(r *root) error {
	l, err := v.lanes.Acquire()
	if err != nil {
		return err
	}
	defer l.Unlock()
	_, err = l.Instance().User.(*instance).addRoot(r)
	return err
}

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
	r.vm.host.State.Queues().Leave(r)
	go r.vm.host.release(r.vm)
}

// rootInstance is a root's context in one instance. Its lane guards it.
type rootInstance struct {
	root    *root
	i       *instance
	id      uint32
	refused error
	streams int  // contexts of streams
	calls   int  // in flight, not of streams
	waiting bool // on_done answered false: proxy_done is awaited
	done    bool // proxy_done was called
	gone    bool

	declared filter.Phases // by weir.phases
	declares bool
	tick     ticker
	tail     []string // the last log lines, while it starts
}

// rootOf is the root's context in the instance, nil when there is none.
func (i *instance) rootOf(r *root) *rootInstance {
	for _, ri := range i.roots {
		if ri.root == r {
			return ri
		}
	}
	return nil
}

// root is the root's context, made now if it is not there yet.
func (i *instance) root(r *root) (*rootInstance, error) {
	if ri := i.rootOf(r); ri != nil {
		return ri, ri.refused
	}
	return i.addRoot(r)
}

// addRoot creates and configures a root's context. One that the guest refuses
// is deleted again.
func (i *instance) addRoot(r *root) (*rootInstance, error) {
	ri := &rootInstance{root: r, i: i, tail: []string{}}
	ri.tick.root = ri
	ri.id = i.contexts.add(ri, nil)
	i.roots = append(i.roots, ri)
	r.instances.Add(1)
	err := i.startRoot(ri)
	if err == nil {
		if r.phases == 0 {
			r.phases = ri.phases()
		}
		ri.tail = nil
		return ri, nil
	}
	ri.refused = fmt.Errorf("%w%s", err, ri.lastLines())
	ri.tail = nil
	i.closeRoot(ri)
	return nil, ri.refused
}

// startRoot makes the root's first three callbacks.
func (i *instance) startRoot(ri *rootInstance) error {
	defer i.leave()
	t := target{root: ri}
	if f := i.fn.contextCreate; f != nil {
		i.enter(kindVMStart, t)
		if _, err := i.in.Call(f, uint64(ri.id), 0); err != nil {
			return err
		}
	}
	if f := i.fn.vmStart; f != nil {
		i.enter(kindVMStart, t)
		ok, err := i.in.Call(f, uint64(ri.id), uint64(len(i.vm.config)))
		if err != nil {
			return err
		}
		if ok == 0 {
			return fmt.Errorf("the guest refused to start (on_vm_start answered false)")
		}
	}
	if f := i.fn.configure; f != nil {
		i.enter(kindConfigure, t)
		ok, err := i.in.Call(f, uint64(ri.id), uint64(len(ri.root.config)))
		if err != nil {
			return err
		}
		if ok == 0 {
			return fmt.Errorf("the guest refused its configuration (on_configure answered false)")
		}
	}
	return nil
}

// phases are those the filter takes part in: those it exports, of which it may
// have declared some.
func (ri *rootInstance) phases() filter.Phases {
	i := ri.i
	if ri.declares {
		return ri.declared & i.vm.phases
	}
	p := i.vm.phases
	if i.fn.contextCreate != nil || i.fn.done != nil || i.fn.delete != nil {
		p |= filter.PhaseLog // each stream has a context, if only at its end
	}
	return p
}

// tailLines is how many log lines an error shows.
const tailLines = 5

// lastLines are the root's last log lines for an error's text.
func (ri *rootInstance) lastLines() string {
	if len(ri.tail) == 0 {
		return ""
	}
	return "; it logged: " + strings.Join(ri.tail, " | ")
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
		if ok == 0 && !ri.done && !i.vm.closed.Load() && ri.refused == nil {
			ri.waiting = true
			return
		}
	}
	i.deleteRoot(ri)
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
	ri.tick.stop()
	i.contexts.remove(ri.id)
	i.roots = slices.DeleteFunc(i.roots, func(o *rootInstance) bool { return o == ri })
	ri.root.leave()
}

// closeRoots ends them all: the VM is being closed.
func (i *instance) closeRoots() {
	for _, ri := range slices.Clone(i.roots) {
		ri.waiting, ri.streams = false, 0
		i.closeRoot(ri)
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
	for _, ri := range slices.Clone(i.roots) {
		i.dropRoot(ri)
	}
}
