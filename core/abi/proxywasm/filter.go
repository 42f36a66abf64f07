package proxywasm

import (
	"sync"

	"github.com/weirproxy/weir/core/filter"
)

// Filter is a root as chains see it: a filter.Filter.
type Filter struct {
	host  *Host
	key   string
	root  *root
	parts sync.Pool // of *part, so that a stream allocates nothing
}

var _ filter.Filter = (*Filter)(nil)

func newFilter(h *Host, key string, r *root) *Filter {
	return &Filter{host: h, key: key, root: r}
}

// Name is the filter's key in the configuration.
func (f *Filter) Name() string { return f.root.spec.Name }

// Phases are those that the guest exports, of which it may have declared some,
// and those in which it has the host make edits.
func (f *Filter) Phases() filter.Phases { return f.root.calls | f.root.edits.Phases() }

// Called are those in which the guest is called.
func (f *Filter) Called() filter.Phases { return f.root.calls }

// Edits are those in which the host makes the edits that the guest has declared,
// before any callback.
func (f *Filter) Edits() filter.Phases { return f.root.edits.Phases() }

// Group is the VM: its filters share a lane within a stream.
func (f *Filter) Group() any { return f.root.vm }

// Attach makes a part. It takes a lane at its first callback only.
func (f *Filter) Attach(s filter.Stream, peer filter.Part) (filter.Part, error) {
	p, _ := f.parts.Get().(*part)
	if p == nil {
		p = &part{filter: f}
	}
	p.stream = s
	p.group = p
	if o, ok := peer.(*part); ok {
		p.group = o.group
	}
	p.group.members++
	p.left = f.root.calls
	f.root.counts.streams.Add(1)
	return p, nil
}

// Close ends the filter: its root is told when its last stream has ended.
func (f *Filter) Close() {
	if f.host.filters.Drop(f.key) {
		f.root.vm.forget(f.root)
	}
}
