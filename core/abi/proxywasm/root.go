package proxywasm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/weirproxy/weir/core/abi/guestlog"
	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/order"
	"github.com/weirproxy/weir/core/trace"
)

// root is one configured filter in a VM. Each instance has a rootInstance of it.
type root struct {
	vm       *vm
	spec     Spec // without the module's code
	config   []byte
	first    sync.Once
	calls    filter.Phases // callbacks that are made, by its first configuration; read-only when the Filter exists
	edits    edit.List     // likewise
	tracing  *trace.Policy // likewise
	order    order.Order   // likewise
	log      guestlog.Limit
	policies policies // of retries
	breaker  breaker
	asleep   atomic.Int64 // streams that wait
	counts   rootCounts

	closing   atomic.Bool
	instances atomic.Int32 // that have it, and one for the Filter
}

// addRoot makes the root of a spec in a VM, and configures it in every
// instance that lives. Where the guest refuses it in the first, it is gone again.
func (v *vm) addRoot(ctx context.Context, s *Spec) (*root, error) {
	r := &root{vm: v, spec: *s, config: slices.Clone(s.Config)}
	r.spec.Code = nil
	r.log.Init(s.LogLines)
	r.breaker.clock = v.host.Clock
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
			in.User.(*instance).root(r) // it reports its own failure, which is no reason to refuse the filter
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

// rootInstance is a root's context in one instance. Its lane guards it.
type rootInstance struct {
	root    *root
	i       *instance
	id      uint32
	refused bool // its start was: it is ended without more ado
	streams int  // contexts of streams
	calls   int  // in flight, not of streams
	waiting bool // on_done answered false: proxy_done is awaited
	done    bool // proxy_done was called
	gone    bool
	fuel    uint64 // what its callbacks burned

	declared taken // by weir.phases
	declares bool
	edits    edit.List     // by weir.edits
	tracing  *trace.Policy // by weir.trace
	order    order.Order   // by weir.order

	stateless bool // streams have no context in the guest
	tick      ticker
	tail      []string // the last log lines, while it starts
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
		return ri, nil
	}
	ri, err := i.addRoot(r)
	if err != nil {
		i.refuse(r, err)
	}
	return ri, err
}

// refuse notes that a guest refused a root that another instance has accepted:
// its streams here fail, and often enough all of them.
func (i *instance) refuse(r *root, err error) {
	log := i.vm.host.Log
	r.breaker.failed(log, r.spec.Name)
	log.Warn("a filter is refused by a further instance", "filter", r.spec.Name, "instance", i.lane, "error", err)
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
		err = ri.checkKind()
	}
	if err == nil {
		r.first.Do(func() { r.calls, r.edits, r.tracing, r.order = ri.phases(), ri.edits, ri.tracing, ri.order })
		ri.tail = nil
		return ri, nil
	}
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		refused.Log = ri.tail
	} else {
		err = fmt.Errorf("%w%s", err, ri.lastLines())
	}
	ri.tail, ri.refused = nil, true
	i.closeRoot(ri)
	return nil, err
}

// startRoot makes the root's first three callbacks.
func (i *instance) startRoot(ri *rootInstance) error {
	defer i.leave()
	defer i.in.Starting()()
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
			return &RefusedError{}
		}
	}
	return nil
}

// phases are those the guest takes part in: those it exports, of which it may
// have declared some.
func (ri *rootInstance) phases() filter.Phases {
	i := ri.i
	connections := ri.root.spec.Connections
	if ri.declares {
		return ri.declared.of(connections) & i.vm.phases.of(connections)
	}
	p := i.vm.phases.of(connections)
	if i.fn.contextCreate != nil || i.fn.done != nil || i.fn.delete != nil {
		p |= filter.PhaseLog // each stream has a context, if only at its end
	}
	return p
}

// tailLines is how many log lines an error shows.
const tailLines = 5

// RefusedError says that a guest took its configuration for wrong.
type RefusedError struct {
	Log []string // its last lines, which say why
}

func (e *RefusedError) Error() string {
	return "the guest refused its configuration (on_configure answered false)" + logged(e.Log)
}

// lastLines are the root's last log lines for an error's text.
func (ri *rootInstance) lastLines() string { return logged(ri.tail) }

func logged(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "; it logged: " + strings.Join(lines, " | ")
}
