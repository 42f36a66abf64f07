package wasm

import (
	"math/rand/v2"
	"time"

	"github.com/weirproxy/weir/core/fault"
)

// start makes an instance for l, which is locked.
func (vm *VM) start(l *Lane) error {
	l.set(laneStarting)
	in := &Instance{vm: vm, lane: l, budget: startBudget(vm.module.limits.Budget)}
	err := in.instantiate(vm.done)
	if err != nil {
		return vm.stillborn(l, err)
	}
	in.fuel.overLeft, in.fuel.overAt = int64(overdraft), in.born
	if vm.config.Start != nil {
		err = vm.config.Start(in)
	}
	if err == nil && in.cause != nil {
		err = in.cause
	}
	if err != nil {
		in.close()
		return vm.stillborn(l, err)
	}
	in.started, in.budget = true, int64(vm.module.limits.Budget)
	l.in = in
	l.set(laneLive)
	return nil
}

// stillborn counts an instance that could not be made.
func (vm *VM) stillborn(l *Lane, err error) error {
	l.set(laneDown)
	l.count(err)
	if fault.KindOf(err) == fault.Unknown {
		err = fault.New(fault.GuestTrap, "starting an instance of "+vm.name, err)
	}
	return err
}

// replace gives l, whose lock it takes over, a fresh instance: at once after
// the first death, later the more often it dies.
func (vm *VM) replace(l *Lane) {
	if wait := vm.breaker.backoff(l.deaths - 1); wait > 0 {
		l.set(laneDown)
		vm.retry(l, wait)
		l.mu.Unlock()
		return
	}
	if !vm.spawn(func() { vm.restart(l) }) {
		l.mu.Unlock()
	}
}

// restart makes an instance for l and lets go of its lock.
func (vm *VM) restart(l *Lane) {
	defer l.Unlock()
	if vm.gate.Load() != gateOpen {
		l.set(laneDown) // the end of the quarantine brings it back
		return
	}
	l.restarts++
	if err := vm.start(l); err != nil {
		vm.module.engine.log.Warn("a filter instance could not be started", "vm", vm.config.Name, "lane", l.index, "error", err)
		vm.breaker.failed()
		l.deaths++
		vm.retry(l, vm.breaker.backoff(l.deaths-1))
	}
}

// retry makes an instance for l after wait, a little more or less, so that the
// lanes of many VMs do not come back in step.
func (vm *VM) retry(l *Lane, wait time.Duration) {
	wait += time.Duration(rand.Int64N(int64(wait/4 + 1)))
	vm.spawn(func() {
		t := time.NewTimer(wait)
		defer t.Stop()
		select {
		case <-t.C:
			vm.revive(l)
		case <-vm.done.Done():
		}
	})
}

// revive makes an instance for l if it still has none and should have one.
func (vm *VM) revive(l *Lane) {
	l.mu.Lock()
	if l.in != nil || laneState(l.state.Load()) == laneUnused {
		l.mu.Unlock()
		return
	}
	vm.restart(l)
}

// wantLane notes that all lanes were busy, and has one more made when that
// happens often.
func (vm *VM) wantLane() {
	if vm.Lanes() == len(vm.lanes) || vm.misses.Add(1) < growAfter || !vm.growing.CompareAndSwap(false, true) {
		return
	}
	grown := vm.spawn(func() {
		defer vm.growing.Store(false)
		vm.misses.Store(0)
		n := vm.Lanes()
		if n == len(vm.lanes) {
			return
		}
		l := &vm.lanes[n]
		l.mu.Lock()
		defer l.mu.Unlock()
		if err := vm.start(l); err != nil {
			vm.module.engine.log.Warn("a further filter instance could not be started", "vm", vm.config.Name, "lane", n, "error", err)
			vm.breaker.failed()
			return
		}
		vm.used.Store(int32(n + 1))
	})
	if !grown {
		vm.growing.Store(false)
	}
}
