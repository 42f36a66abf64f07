package wasm

import (
	"errors"
	"math/rand/v2"

	"github.com/weirproxy/weir/core/fault"
)

// errClosed and errQuarantined are why Acquire has no lane.
var (
	errClosed      = errors.New("closed")
	errQuarantined = errors.New("quarantined because its guests kept failing")
	errNoInstance  = errors.New("no instance lives at the moment")
)

func (vm *VM) unavailable(why error) error {
	return fault.New(fault.GuestUnavailable, "taking a lane of "+vm.name, why)
}

// Acquire locks a lane with a live instance: the first that is free from a
// random one on, else it waits for one. Its error is of kind GuestUnavailable.
func (vm *VM) Acquire() (*Lane, error) {
	if vm.gate.Load() != gateOpen {
		return nil, vm.refusal()
	}
	n := int(vm.used.Load())
	at := 0
	if n > 1 {
		at = int(rand.Uint32N(uint32(n)))
	}
	for range n {
		l := &vm.lanes[at]
		if l.mu.TryLock() {
			if l.in != nil {
				return l, nil
			}
			l.Unlock()
		}
		if at++; at == n {
			at = 0
		}
	}
	return vm.await(at, n)
}

// await waits for one of n lanes, each of which was just seen busy.
func (vm *VM) await(at, n int) (*Lane, error) {
	vm.wantLane()
	// The busy ones first: their callbacks end in microseconds. A lane that is
	// being started takes its time.
	for _, state := range []laneState{laneLive, laneStarting} {
		for i := range n {
			l := &vm.lanes[(at+i)%n]
			if laneState(l.state.Load()) != state {
				continue
			}
			l.mu.Lock()
			if l.in != nil {
				return l, nil
			}
			l.Unlock()
		}
	}
	if vm.gate.Load() != gateOpen {
		return nil, vm.refusal()
	}
	return nil, vm.unavailable(errNoInstance)
}

func (vm *VM) refusal() error {
	if vm.gate.Load() == gateClosed {
		return vm.unavailable(errClosed)
	}
	return vm.unavailable(errQuarantined)
}
