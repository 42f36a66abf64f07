package wasm

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/wasm/meter"
)

// VMConfig says what a VM is made of. Its functions are called with the lane
// of their instance locked.
type VMConfig struct {
	Name   string // in logs and errors
	Module *Module
	Lanes  int               // at most, 0: GOMAXPROCS. They are made on demand
	Env    map[string]string // what the guest sees as its environment

	// Start makes a fresh instance ready: it calls the module's initialiser
	// and what the ABI has for that. Its error discards the instance.
	Start func(in *Instance) error
	// Lost is told, exactly once, that an instance that had been started died.
	// Its memory can still be read.
	Lost func(in *Instance, cause error)
	// Output gets each line the guest wrote, to stdout (1) or stderr (2):
	// bounded, valid UTF-8 without control characters. It must copy what it keeps.
	Output func(in *Instance, stream int, line []byte)
	// Idle is called about every second on lanes that are free for a while after
	// their last callback: a guest's collector may use it.
	Idle func(in *Instance)

	Breaker BreakerOptions
	Clock   Clock // nil: SystemClock
}

// VM is a module's guests, one a lane.
type VM struct {
	name      string
	module    *Module
	config    VMConfig
	lost      func(in *Instance, cause error)
	env       []string
	hostCalls int
	overdraft bool
	began     time.Time // by the clock

	lanes   []Lane
	used    atomic.Int32 // lanes taken into use, from the first on
	misses  atomic.Int32 // of Acquire, since the last was
	growing atomic.Bool
	gate    atomic.Uint32 // a gateState
	breaker breaker

	done   context.Context
	finish context.CancelFunc
	work   sync.WaitGroup // goroutines of ours
	admit  sync.Mutex     // orders work.Add before Close's work.Wait
}

// gateState is whether Acquire gives out lanes.
type gateState = uint32

// The states of the gate.
const (
	gateOpen gateState = iota
	gateQuarantined
	gateClosed
)

// growAfter is how often Acquire must find all lanes busy before one more is made.
const growAfter = 16

// NewVM makes a VM and starts its first lane: what that fails with is the
// error, for a module whose guests do not start is not worth having.
func NewVM(ctx context.Context, c VMConfig) (*VM, error) {
	if c.Module == nil {
		return nil, fmt.Errorf("starting VM %q: no module given", c.Name)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("starting VM %q: %w", c.Name, err)
	}
	env, err := environ(c.Env, c.Module)
	if err != nil {
		return nil, fmt.Errorf("starting VM %q: %w", c.Name, err)
	}
	if c.Lanes <= 0 {
		c.Lanes = runtime.GOMAXPROCS(0)
	}
	if c.Clock == nil {
		c.Clock = SystemClock
	}
	if err := c.Module.retain(); err != nil {
		return nil, fmt.Errorf("starting VM %q: %w", c.Name, err)
	}
	vm := &VM{
		name:      fmt.Sprintf("filter VM %q", c.Name),
		module:    c.Module,
		config:    c,
		lost:      c.Lost,
		env:       env,
		hostCalls: c.Module.limits.HostCalls,
		overdraft: c.Module.Info().Language == meter.LanguageGo,
		began:     c.Clock.Now(),
		lanes:     make([]Lane, c.Lanes),
	}
	vm.done, vm.finish = context.WithCancel(context.Background())
	vm.breaker = breaker{BreakerOptions: c.Breaker.withDefaults(), vm: vm}
	for i := range vm.lanes {
		vm.lanes[i].vm, vm.lanes[i].index = vm, i
	}
	first := &vm.lanes[0]
	first.mu.Lock()
	defer first.mu.Unlock()
	if err := vm.start(first); err != nil {
		vm.finish()
		c.Module.Close()
		return nil, err
	}
	vm.used.Store(1)
	if c.Idle != nil {
		vm.spawn(vm.tend)
	}
	return vm, nil
}

// spawn runs f on a goroutine of the VM's, unless it is closed.
func (vm *VM) spawn(f func()) bool {
	vm.admit.Lock()
	defer vm.admit.Unlock()
	if vm.done.Err() != nil {
		return false
	}
	vm.work.Go(f)
	return true
}

// Module is what the VM's guests are of.
func (vm *VM) Module() *Module { return vm.module }

// Lanes is how many lanes are in use.
func (vm *VM) Lanes() int { return int(vm.used.Load()) }

// Lane is one of the lanes in use.
func (vm *VM) Lane(i int) *Lane { return &vm.lanes[i] }

// Close ends all instances once their callbacks have returned, so its caller
// must hold no lane. Lost is not told: an instance that is closed did not fail.
func (vm *VM) Close() {
	if vm.gate.Swap(gateClosed) == gateClosed {
		return
	}
	vm.admit.Lock()
	vm.finish()
	vm.admit.Unlock()
	vm.breaker.stop()
	vm.work.Wait()
	for i := range vm.lanes {
		l := &vm.lanes[i]
		l.mu.Lock()
		if l.in != nil {
			l.in.close()
			l.in = nil
		}
		l.vacant = false
		l.set(laneClosed)
		l.mu.Unlock()
	}
	vm.module.Close()
}
