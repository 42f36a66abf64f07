package wasm

import (
	"errors"
	"fmt"
	"time"

	"github.com/weirproxy/weir/core/fault"
)

// errMisuse is thrown where our own code breaks a rule of this package.
var errMisuse = errors.New("wasm: a function was called again while it runs")

// Call runs a callback: f with args, under the budget of fuel, time and host
// calls that every callback gets. Missing arguments are zero, further ones are
// left out. It does not allocate.
//
// A command's _start may end with exit code 0: its instance stays as it is then.
//
// The error is a *fault.Error. After it the instance is dead, and
// VMConfig.Lost has been called.
func (in *Instance) Call(f *Function, args ...uint64) (uint64, error) {
	if in.cause != nil {
		return 0, in.cause
	}
	if in.depth != 0 || f.busy {
		panic(errMisuse)
	}
	l := in.lane
	in.prepare()
	clear(in.stack[copy(in.stack[:f.slots], args):f.slots])

	in.depth, f.busy = 1, true
	err := f.fn.CallWithStack((*callContext)(in), in.stack[:f.slots])
	in.depth, f.busy = 0, false

	l.calls++
	l.fuel += in.settle()
	l.asked += uint64(in.vm.hostCalls - in.hostCalls)
	if in.started && in.fuel.pace.running {
		l.longest = max(l.longest, time.Since(in.fuel.pace.began))
	}
	if err != nil || in.cause != nil {
		if in.cause == nil && f.name == "_start" && exitedWell(err) {
			if in.recurse != nil {
				in.recurse.Set(in.deepest) // the calls it left did not give theirs back
			}
			return 0, nil
		}
		return 0, in.end(f, err)
	}
	if len(in.output[0].raw)|len(in.output[1].raw) != 0 {
		in.flush()
	}
	return in.stack[0] & f.mask, nil
}

// CallNested runs a function of the guest from within a host function: its
// allocator. What it uses is charged to the callback that runs. After an error
// the host function may only return, upon which the callback ends too.
func (in *Instance) CallNested(f *Function, arg uint64) (uint64, error) {
	if in.cause != nil {
		return 0, in.cause
	}
	if in.depth == 0 {
		panic(errMisuse)
	}
	if f.busy {
		in.Fail(&Trap{fault.GuestTrap, fmt.Sprintf("%s called while it runs", f)})
		return 0, in.cause
	}
	host := in.host
	stack := &in.nested
	if in.depth > 1 {
		stack = new([maxSlots]uint64)
	}
	stack[0] = arg
	clear(stack[1:f.slots])

	in.depth++
	f.busy = true
	err := f.fn.CallWithStack((*callContext)(in), stack[:f.slots])
	f.busy = false
	in.depth--
	in.host = host

	if err != nil && in.cause == nil {
		in.cause = in.classify(f.name, err)
	}
	if in.cause != nil {
		return 0, in.cause
	}
	return stack[0] & f.mask, nil
}

// end is the end of an instance in callback f.
func (in *Instance) end(f *Function, err error) error {
	if in.cause == nil {
		in.cause = in.classify(f.name, err)
	}
	in.lane.lose(in)
	return in.cause
}
