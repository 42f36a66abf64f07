package proxy

import (
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/overload"
	"github.com/weirproxy/weir/core/stream"
)

var errMemory = fault.New(fault.Overload, "entering: memory is short", nil)

// shedFrom is the level of memory from which new requests of a priority are
// refused, by rank.
var shedFrom = [...]overload.Level{overload.NoKeepAlive, overload.Shed, overload.NoAccept}

// enter lets the request in by its priority: that of its route.
func (x *exchange) enter(level overload.Level) error {
	p := stream.PriorityNormal
	if x.route != nil {
		p = x.route.Priority
	}
	x.st.Info().Priority = p
	if level >= shedFrom[p.Rank()] {
		return x.shed(errMemory)
	}
	if err := x.side.Gate.Enter(p); err != nil {
		return x.shed(err)
	}
	x.entered = true
	return nil
}

// shed counts a request that is given up for others. It counts as one that had no
// route: nothing of that was done.
func (x *exchange) shed(err error) error {
	x.route = nil
	x.side.Metrics.Shed(x.st.Info().Priority)
	return err
}

// priorityWish is the property by which a filter changes a request's priority.
const priorityWish = "weir.priority"

var errYielded = fault.New(fault.Overload, "going upstream: others of a higher priority wait", nil)

// yield acts on a filter's wish before the request goes upstream. It is inside
// already: one whose priority became lower is given up where it would not have been
// let in.
func (x *exchange) yield() error {
	v := x.st.Property(priorityWish)
	if v == nil {
		return nil
	}
	p, ok := stream.PriorityOf(v)
	info := x.st.Info()
	if !ok || p == info.Priority {
		return nil
	}
	lower := p < info.Priority
	info.Priority = p
	switch {
	case !lower:
	case x.proxy.overload.Level() >= shedFrom[p.Rank()]:
		x.side.Metrics.Shed(p)
		return errMemory
	case x.side.Gate.Crowded(p):
		x.side.Metrics.Shed(p)
		return errYielded
	}
	return nil
}
