package proxy

import (
	"time"

	"github.com/weirproxy/weir/core/fault"
)

// startClock begins the route's time-out once the request is complete.
func (x *exchange) startClock() {
	if x.route.Timeout > 0 && (x.piece.End || x.upload.ended) && x.deadline == 0 {
		x.deadline = x.proxy.reaper.Now() + int64(x.route.Timeout)
	}
}

// patience is how long to wait for the upstream's head, and what it is when
// that was in vain.
func (x *exchange) patience() (time.Duration, fault.Kind) {
	wait, kind := x.idle()
	if t := x.route.PerTry; t > 0 && t < wait {
		return t, fault.PerTryTimeout
	}
	return wait, kind
}

// idle is how long to wait for anything from the upstream.
func (x *exchange) idle() (time.Duration, fault.Kind) {
	wait := x.route.Idle
	if x.deadline > 0 {
		if left := time.Duration(x.deadline - x.proxy.reaper.Now()); left < wait {
			wait = max(left, time.Millisecond)
		}
	}
	return wait, fault.UpstreamTimeout
}

// timeoutAs gives an upstream's time-out the kind of the bound that ended it.
func timeoutAs(err error, kind fault.Kind) error {
	if kind != fault.UpstreamTimeout && fault.KindOf(err) == fault.UpstreamTimeout {
		return fault.New(kind, "waiting for the upstream", err)
	}
	return err
}
