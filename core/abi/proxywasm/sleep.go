package proxywasm

import (
	"encoding/binary"
	"time"

	"github.com/weirproxy/weir/core/foreign"
	"github.com/weirproxy/weir/core/wasm"
)

// nap is a part's wait. The lane guards it.
type nap struct {
	errand
	part  *part // nil: it is over
	timer wasm.Timer
}

// Sleep has the stream of the running callback be answered later, as by a foreign
// function that runs beside the lane.
func (i *instance) Sleep(d time.Duration, most uint32) (uint32, foreign.Status) {
	p := i.frame.own.part
	if _, m := i.moment(); p == nil || p != i.frame.at.part || m != momentLive || p.nap != nil || p.ofConnection() {
		return 0, foreign.BadArgument
	}
	asleep := &p.filter.root.asleep
	if asleep.Add(1) > int64(most) {
		asleep.Add(-1)
		return 0, foreign.InternalFailure
	}
	i.nextErrand++
	n := &nap{errand: errand{i: i, id: i.nextErrand, root: p.root, context: p.id}, part: p}
	p.nap = n
	p.waits++
	n.timer = i.vm.host.Clock.AfterFunc(d, n.wake)
	return n.id, foreign.OK
}

// wake ends a wait, unless the stream has ended before.
func (n *nap) wake() {
	lane := n.i.in.Lane()
	lane.Lock()
	due := n.part != nil
	if due {
		n.part.rise()
	}
	lane.Unlock()
	if due {
		n.i.vm.host.errands.Add(1)
		n.deliver(binary.LittleEndian.AppendUint32(nil, uint32(foreign.OK)), firstRetry)
	}
}

// rise forgets the part's wait, if there is one.
func (p *part) rise() {
	n := p.nap
	if n == nil {
		return
	}
	n.timer.Stop() // too late where it has run out
	p.nap, n.part = nil, nil
	p.filter.root.asleep.Add(-1)
}
