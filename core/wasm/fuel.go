package wasm

import (
	"context"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/wasm/meter"
)

// One unit of fuel is about a nanosecond of guest code.
const (
	// slice is what a guest burns between two safe points.
	slice = int64(100 * time.Microsecond)

	// DefaultBudget is what a callback may burn.
	DefaultBudget = 10 * time.Millisecond
	// overdraft is what a garbage collected guest may burn beyond its budgets,
	// in the callbacks its collector happens to run in: in each second.
	overdraft = 100 * time.Millisecond
)

// startBudget is what start-up code may burn, which runs off the path of requests.
func startBudget(budget time.Duration) int64 {
	return int64(max(50*budget, time.Second))
}

// Starting gives callbacks the budget of start-up code until done is called: who is
// configured anew in an instance that runs has as much to read as in a fresh one.
func (in *Instance) Starting() (done func()) {
	usual := in.budget
	in.budget = startBudget(in.vm.module.limits.Budget)
	return func() { in.budget = usual }
}

// meterState is where an instance stands with its fuel. Guest code takes from
// the global and calls refuel when it is below zero. It is not set anew for
// each callback: what is left of a slice serves the next.
type meterState struct {
	global api.MutableGlobal
	last   int64 // the global at the last settlement
	grants int64 // put into it since

	left    int64 // of this callback's budget, not granted yet
	host    int64 // charged by host functions in this callback
	level   int64 // the global at the end of the last refuel
	charged int64 // host, then
	pace    pace

	overLeft int64     // of the overdraft
	overAt   time.Time // when overLeft was reckoned
}

// bind finds the global. The start section runs, and burns, before wazero
// hands out the instance, so the first refuel may do it.
func (f *meterState) bind(mod api.Module) {
	if f.global == nil {
		f.global = mod.ExportedGlobal(meter.Fuel).(api.MutableGlobal)
	}
}

// prepare opens the account of a callback.
func (in *Instance) prepare() {
	f := &in.fuel
	f.left, f.host, f.pace.running = in.budget, 0, false
	in.hostCalls = in.vm.hostCalls
}

// settle closes the account and answers what the callback burned.
func (in *Instance) settle() uint64 {
	f := &in.fuel
	now := int64(f.global.Get())
	used := f.last + f.grants - now + f.host
	f.last, f.grants = now, 0
	return uint64(max(used, 0))
}

// Charge adds the work of a host function to the running callback: units of
// about a nanosecond. It traps when the budget is used up.
func (in *Instance) Charge(units int64) {
	f := &in.fuel
	f.host += units
	if f.left -= units; f.left < 0 {
		in.overdraw()
	}
}

// refuel is the import that metered code calls when its fuel is below zero.
// Being in Go is a safe point: the collector may stop us here.
func refuel(ctx context.Context, mod api.Module, _ []uint64) {
	in := (*Instance)(ctx.(*callContext))
	f := &in.fuel
	f.bind(mod)
	have := int64(f.global.Get())
	f.pace.pause(f.level-have+f.host-f.charged, f.left)
	grant := f.pace.slice - min(have, 0)
	if f.left -= grant; f.left < 0 {
		in.overdraw()
	}
	f.grants += grant
	f.level, f.charged = have+grant, f.host
	f.global.Set(uint64(f.level))
	f.pace.resume()
}

// overdraw is asked when a callback's budget is used up. A guest with a
// collector may go on from its instance's overdraft; only its end traps.
func (in *Instance) overdraw() {
	f := &in.fuel
	if in.vm.overdraft {
		now := time.Now()
		f.overLeft = min(int64(overdraft), f.overLeft+int64(now.Sub(f.overAt)/(time.Second/overdraft)))
		f.overAt = now
		if f.overLeft >= -f.left {
			f.overLeft += f.left
			f.pace.limit += slowest * time.Duration(-f.left)
			f.left = 0
			return
		}
	}
	panic(&Trap{fault.GuestBudget, "a callback burned more than its budget of fuel"})
}
