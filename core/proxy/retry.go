package proxy

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/retry"
)

// policy is what a filter wants in the place of the route's retries, or nil.
func (x *exchange) policy() *retry.Policy { return x.st.Info().Wishes.Retry }

// tries is how often the request may be sent beside the first time.
func (x *exchange) tries() int {
	if p := x.policy(); p != nil {
		return p.Attempts
	}
	return x.route.Retries.Max
}

// again says whether the request is to be sent once more after err, or with nil
// after a response that is not wanted, and how long to wait before that. After true,
// EndRetry must follow.
func (x *exchange) again(err error, try int) (wait time.Duration, ok bool) {
	if try >= x.tries() || x.conn.gone.Load() || err != nil && !x.curable(fault.KindOf(err)) {
		return 0, false
	}
	if x.awaitLastPiece(); !x.repeatable() {
		return 0, false
	}
	wait, ok = x.delay(err, try)
	if !ok || x.deadline > 0 && x.proxy.reaper.Now()+int64(wait) >= x.deadline {
		return 0, false
	}
	return wait, x.affordable()
}

// rest lets time pass before the next try, holding nothing of the upstream's. What
// wakes the stream meanwhile may have been meant for a wait before this one.
func (x *exchange) rest(wait time.Duration) chain.Verdict {
	x.handBack()
	x.st.ResponseHead().Reset()
	for by := time.Now().Add(wait); ; {
		x.st.Wait(filter.Response, time.Until(by))
		if v := x.noted(filter.Response); v > chain.Held || !time.Now().Before(by) {
			return v
		}
	}
}

// curable says whether another try may help against a fault, and do no harm.
func (x *exchange) curable(kind fault.Kind) bool {
	if p := x.policy(); p != nil && p.Faults&kind.Failure() == 0 {
		return false
	}
	switch kind.Retry() {
	case fault.RetryElsewhere:
		return x.cluster.Usable() >= 2
	case fault.RetryIdempotent:
		return x.upstream == nil || x.harmless() // without a connection nobody has seen it
	case fault.RetryNever:
		return false
	}
	return true
}

// delay is how long to wait before the next try; false if that is not worth it.
func (x *exchange) delay(err error, try int) (time.Duration, bool) {
	p := x.policy()
	if p == nil {
		return time.Duration(float64(x.route.Retries.BackOff<<min(try, 6)) * (0.5 + rand.Float64()/2)), true
	}
	wait := p.Wait(try)
	if err != nil || p.After == 0 {
		return wait, true
	}
	after, asked := retry.After(x.st.ResponseHead().Headers.Peek("retry-after"), time.Now())
	if asked && after > p.After {
		return 0, false // the client is told, and knows whether to wait
	}
	return max(wait, after), true
}

// affordable takes the retry from all budgets. The cluster's holds whatever a filter
// wants.
func (x *exchange) affordable() bool {
	if !x.cluster.TryRetry() {
		return false
	}
	if p := x.policy(); p != nil && !p.Budget.Take(x.proxy.reaper.Now()) {
		x.cluster.EndRetry()
		return false
	}
	return true
}

// repeatable says whether all that was sent of the body can be sent again.
func (x *exchange) repeatable() bool { return !x.upload.running && x.wholeBody() }

// wholeBody says whether what left of the body, if anything did behind its first
// piece, is kept.
func (x *exchange) wholeBody() bool { return !x.upload.started || x.keeping }

// unwanted says whether the response that is there is one that is to be tried again.
func (x *exchange) unwanted() bool {
	calls, status := x.route.Retries.OnGRPC, x.st.ResponseHead().Status
	p := x.policy()
	if p != nil {
		calls = grpc.Set(p.GRPC)
	}
	if calls != 0 && calls.Has(x.refusal()) {
		return true
	}
	if p != nil {
		return p.Statuses.Has(status) && x.harmless()
	}
	return slices.Contains(x.route.Retries.OnStatus, status) && x.harmless()
}

// harmless says whether the request may reach an upstream twice: by its method, or
// because its client has marked it.
func (x *exchange) harmless() bool {
	head := x.st.Request()
	p := x.policy()
	if p == nil {
		return idempotent(head.Method)
	}
	return p.Methods.Has(head.Method) || p.Key != "" && len(head.Headers.Peek(p.Key)) > 0
}

// idempotent says whether repeating a request does no harm (RFC 9110, section
// 9.2.2).
func idempotent(method []byte) bool { return retry.AllMethods.Has(method) }
