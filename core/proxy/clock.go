package proxy

import (
	"math"
	"strconv"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/grpc"
)

// startClock begins the route's time-out once the request is complete.
func (x *exchange) startClock() {
	if x.route.Timeout > 0 && (x.piece.End || x.upload.ended) && !x.timed {
		x.timed = true
		x.endBy(x.proxy.reaper.Now()+int64(x.route.Timeout), fault.UpstreamTimeout)
	}
}

// endBy brings the deadline forward: the earliest counts.
func (x *exchange) endBy(at int64, late fault.Kind) {
	if x.deadline == 0 || at < x.deadline {
		x.deadline, x.late = at, late
	}
}

// left is how long it is to the deadline, at least a millisecond.
func (x *exchange) left() time.Duration {
	if x.deadline == 0 {
		return math.MaxInt64
	}
	return max(time.Duration(x.deadline-x.proxy.reaper.Now()), time.Millisecond)
}

var (
	errTimeout  = fault.New(fault.BadRequest, "reading grpc-timeout: not up to eight digits and a unit", nil)
	errDeadline = fault.New(fault.Deadline, "waiting: the time that the client or a filter gave is over", nil)
)

// hurry takes the time that a gRPC call's client gives it, or a filter gives any
// stream, as its deadline, from the head's arrival on. It is asked again after the
// filters, which may shorten it.
func (x *exchange) hurry() error {
	if w := x.st.Info().Wishes.Within; w > 0 {
		x.shorten(w)
	}
	if head := x.st.Request(); grpc.IsCall(head) {
		if v, ok := head.Headers.Get("grpc-timeout"); ok {
			d, ok := grpc.ParseTimeout(v)
			if !ok {
				return errTimeout
			}
			x.shorten(max(d, 1))
		}
	}
	if x.given > 0 && time.Since(x.st.Info().Start) >= x.given {
		return errDeadline
	}
	return nil
}

// shorten brings the deadline forward.
func (x *exchange) shorten(d time.Duration) {
	if x.given == 0 || d < x.given {
		x.given = d
		// The coarse clock may be early, and nobody may be told that too soon.
		x.endBy(x.began+int64(min(d, never)+x.proxy.reaper.Period()), fault.Deadline)
	}
}

// never is a time-out that is none.
const never = 100 * 365 * 24 * time.Hour

// passTimeout tells the upstream how much of the time that was given is left: never
// more, and less where the route gives less. To a gRPC call it is said in gRPC's
// way, and in a field that a filter has named.
func (x *exchange) passTimeout() error {
	if x.given == 0 {
		return nil
	}
	left := x.given - time.Since(x.st.Info().Start)
	if x.late == fault.UpstreamTimeout {
		left = min(left, x.left())
	}
	field := x.st.Info().Wishes.TimeoutField
	if left <= 0 || field != "" && left < time.Millisecond {
		return errDeadline
	}
	var b [24]byte
	head := x.st.Request()
	if grpc.IsCall(head) {
		head.Headers.SetNamed("grpc-timeout", grpc.AppendTimeout(b[:0], left))
	}
	if field != "" {
		head.Headers.SetNamed(field, strconv.AppendInt(b[:0], left.Milliseconds(), 10))
	}
	return nil
}

// patience is how long to wait for a connection, or the upstream's head, and what it
// is when that was in vain. A try's own bound begins with the try, but does not run
// while a body is uploaded, and begins anew then: it would measure the client.
func (x *exchange) patience() (time.Duration, fault.Kind) {
	wait, kind := x.idle()
	t := x.route.PerTry
	if p := x.policy(); p != nil && p.PerTry > 0 {
		t = p.PerTry
	}
	if t <= 0 || x.upload.running {
		return wait, kind
	}
	now := x.proxy.reaper.Now()
	if x.tryBy == 0 {
		x.tryBy = now + int64(t)
	}
	if left := max(time.Duration(x.tryBy-now), time.Millisecond); left < wait {
		return left, fault.PerTryTimeout
	}
	return wait, kind
}

// idle is how long to wait for anything from the upstream, and what it is when
// that was in vain.
func (x *exchange) idle() (time.Duration, fault.Kind) {
	wait := x.route.Idle
	if x.upload.running {
		wait = max(wait-x.still(), time.Millisecond)
	}
	if left := x.left(); left < wait {
		return left, x.late
	}
	return wait, fault.UpstreamTimeout
}

// still is how long nothing has come of a body that is being uploaded.
func (x *exchange) still() time.Duration {
	return time.Duration(x.proxy.reaper.Now() - x.upload.moved)
}

// goesOn says whether a wait that was in vain was no silence: the request's body
// has moved meanwhile. The route's own time does not run before the body's end.
func (x *exchange) goesOn(err error, kind fault.Kind) bool {
	return err != nil && x.upload.running && kind == fault.UpstreamTimeout && fault.KindOf(err) == kind && x.still() < x.route.Idle
}

// timeoutAs gives an upstream's time-out the kind of the bound that ended it. A
// server of gRPC keeps the time that it is given, and may reset the stream before
// we, who look now and then, have noticed that it is over.
func (x *exchange) timeoutAs(err error, kind fault.Kind) error {
	switch fault.KindOf(err) {
	case fault.UpstreamTimeout:
		if kind != fault.UpstreamTimeout {
			return fault.New(kind, "waiting for the upstream", err)
		}
	case fault.UpstreamReset:
		if x.given > 0 && time.Since(x.st.Info().Start)+x.proxy.reaper.Period() >= x.given {
			return fault.New(fault.Deadline, "waiting for the upstream", err)
		}
	}
	return err
}
