package proxywasm

import (
	"time"

	"github.com/weirproxy/weir/core/wasm"
)

// ticker is the timer of a root in one instance: every lane ticks, as every
// worker does in Envoy. A filter that wants one tick for all acts on lane 0,
// by the property weir.lane. The lane guards it.
type ticker struct {
	root   *rootInstance
	period time.Duration // 0: stopped
	timer  wasm.Timer
	gen    uint64 // tells a tick that was stopped meanwhile
}

// setTick is proxy_set_tick_period_milliseconds(period): it arms the timer of
// the effective context's root, or stops it with 0. Periods below the
// filter's shortest are made that.
func (i *instance) setTick(a []uint64) status {
	ri := i.frame.at.root
	if ri == nil {
		return statusBadArgument
	}
	period := time.Duration(uint32(a[0])) * time.Millisecond
	if period > 0 {
		period = max(period, ri.root.spec.MinTick)
	}
	ri.tick.set(period)
	return statusOK
}

// set arms the timer anew.
func (t *ticker) set(period time.Duration) {
	t.stop()
	t.period = period
	if period > 0 && t.root.i.fn.tick != nil && !t.root.gone {
		t.arm()
	}
}

// stop disarms the timer.
func (t *ticker) stop() {
	t.gen++
	t.period = 0
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
}

func (t *ticker) arm() {
	gen := t.gen
	t.timer = t.root.i.vm.host.Clock.AfterFunc(t.period, func() { t.fire(gen) })
}

// fire makes on_tick and arms the timer for the next. A callback that lasts
// makes ticks late, it does not pile them up.
func (t *ticker) fire(gen uint64) {
	ri := t.root
	i := ri.i
	lane := i.in.Lane()
	lane.Lock()
	defer lane.Unlock()
	if t.gen != gen || ri.gone || i.dead {
		return
	}
	i.enter(kindRoot, target{root: ri})
	i.in.Call(i.fn.tick, uint64(ri.id)) // its failure ends the instance, which says so itself
	i.leave()
	i.after(ri)
	if t.gen == gen && !i.dead {
		t.arm()
	}
}

// after ends a root whose on_done had been put off, once proxy_done was called.
func (i *instance) after(ri *rootInstance) {
	if !ri.waiting || !ri.done || ri.gone || i.dead {
		return
	}
	ri.waiting = false
	i.enter(kindRoot, target{root: ri})
	i.deleteRoot(ri)
	i.leave()
}
