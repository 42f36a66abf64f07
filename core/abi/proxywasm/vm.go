package proxywasm

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/wasm"
)

// vm is a VM and what its roots share.
type vm struct {
	host   *Host
	key    string
	id     string // plugin_vm_id
	config []byte
	phases taken
	ours   bool // the guest is of our SDK
	old    bool // the guest is of 0.1.0, where a field that is not there is empty

	module    *wasm.Module
	lanes     *wasm.VM
	space     *state.Namespace
	namespace string
	metrics   *observe.GuestTable
	closed    atomic.Bool

	mu    sync.Mutex
	roots []*root // those that each new instance gets
}

// newVM loads a module. Its instances begin with its first root.
func newVM(ctx context.Context, h *Host, key string, s *Spec) (*vm, error) {
	v := &vm{host: h, key: key, id: s.vmID(), config: slices.Clone(s.VMConfig), namespace: s.namespace()}
	var unknown []string
	var err error
	v.module, err = h.Engine.Load(ctx, wasm.Source{
		Name:   s.Name,
		Code:   s.Code,
		Hash:   s.Hash,
		Limits: wasm.Limits{MemoryPages: s.MemoryPages, Budget: s.Budget, HostCalls: s.HostCalls},
		Resolve: func(module, name string, params, results []api.ValueType) (wasm.Func, error) {
			return resolve(module, name, params, results, func(name string) { unknown = append(unknown, name) })
		},
	})
	if err != nil {
		return nil, err
	}
	if v.old, err = checkVersion(v.module); err != nil {
		v.module.Close()
		return nil, err
	}
	if err = checkExports(v.module); err != nil {
		v.module.Close()
		return nil, err
	}
	v.phases = phasesOf(v.module)
	_, _, v.ours = v.module.Export(exportSDK)
	if len(unknown) > 0 {
		slices.Sort(unknown)
		h.Log.Warn("a filter module imports functions that this host does not have; they answer UNIMPLEMENTED",
			"filter", s.Name, "functions", strings.Join(unknown, " "))
	}
	v.space = h.State.Open(v.namespace, s.SharedData)
	v.metrics = h.Metrics.Open()
	return v, nil
}

// exportSDK is what guests of our SDK export.
const exportSDK = "weir_sdk"

// open starts the first instance, with the first root in it.
func (v *vm) open(ctx context.Context, s *Spec) (err error) {
	v.lanes, err = wasm.NewVM(ctx, wasm.VMConfig{
		Name:   s.Name,
		Module: v.module,
		Lanes:  s.Lanes,
		Env:    s.Env,
		Start:  v.start,
		Lost:   v.lost,
		Output: v.output,
		Clock:  v.host.Clock,
		// One filter of several that keeps failing is quarantined by itself,
		// see breaker. The VM's own comes behind that.
		Breaker: wasm.BreakerOptions{Failures: 4 * breakerFailures},
	})
	return err
}

// close ends the instances: roots are told, then nothing runs any more.
func (v *vm) close() {
	if v.closed.Swap(true) {
		return
	}
	if v.lanes != nil {
		for n := range v.lanes.Lanes() {
			l := v.lanes.Lane(n)
			l.Lock()
			if in := l.Instance(); in != nil {
				in.User.(*instance).closeRoots()
			}
			l.Unlock()
		}
		v.lanes.Close()
	}
	v.module.Close()
	v.mu.Lock()
	for _, r := range v.roots {
		v.host.State.Queues().Leave(r)
	}
	v.roots = nil
	v.mu.Unlock()
	v.metrics.Close()
	v.space.Close()
}

// start makes a fresh instance ready: initialiser, then every live root. The
// lane is locked.
func (v *vm) start(in *wasm.Instance) error {
	i := newInstance(in, v)
	in.User = i
	err := i.initialise()
	if err == nil {
		err = i.startRoots()
	}
	if err != nil {
		i.forsake()
	}
	return err
}

// startRoots makes every live root in a fresh instance. The first root of the
// first instance decides whether there will be a VM; later ones that refuse,
// after they have been accepted before, are without this instance alone.
func (i *instance) startRoots() error {
	v := i.vm
	v.mu.Lock()
	roots := slices.Clone(v.roots)
	v.mu.Unlock()
	for _, r := range roots {
		_, err := i.addRoot(r)
		if err == nil {
			continue
		}
		if v.lanes == nil || i.in.Dead() {
			return err
		}
		i.refuse(r, err)
	}
	return nil
}

// lost tells everyone that waits for an instance that it died.
func (v *vm) lost(in *wasm.Instance, cause error) {
	i := in.User.(*instance)
	i.die(cause)
}

// output takes a line that the guest wrote to stdout (1) or stderr (2).
func (v *vm) output(in *wasm.Instance, stream int, line []byte) {
	i, ok := in.User.(*instance)
	if !ok {
		return
	}
	level := slog.LevelInfo
	if stream == 2 {
		level = slog.LevelError
	}
	i.writeLog(level, line)
}
