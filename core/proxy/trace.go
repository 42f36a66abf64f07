package proxy

import (
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/trace"
)

// Tracing is what a filter says of tracing, and of which requests.
type Tracing struct {
	Policy    *trace.Policy
	Condition chain.Condition // nil for all
}

// tracing is what the first filter says that sees the request, nil for nothing. The
// head is as the client sent it: a trace begins before the filters do.
func (x *exchange) tracing() *trace.Policy {
	for i := range x.route.Trace {
		if t := &x.route.Trace[i]; t.Condition == nil || t.Condition.Meets(x.st.Request()) {
			return t.Policy
		}
	}
	return nil
}

// beginTrace finds the stream's trace, where its route has a filter that says how.
func (x *exchange) beginTrace() {
	p := x.tracing()
	if p == nil {
		return
	}
	trusted := x.side.Mesh || x.side.Forwarded.trusts(x.conn.Source.Addr())
	x.trace.Begin(p, x.proxy.spans, &x.st.Request().Headers, x.st.Info(), trusted)
	if x.trace.Recorded() {
		x.st.Watch()
	}
}

// endTry ends the attempt's step of the trace, because of err or, with nil, by the
// response that is there.
func (x *exchange) endTry(err error) {
	if !x.trace.Recorded() {
		return
	}
	status := 0
	if err == nil {
		status = x.st.ResponseHead().Status
	}
	x.trace.EndTry(x.st, x.tried(err), status, err)
}

// tried is the address that the attempt under way went to, "" for none.
func (x *exchange) tried(err error) string {
	if x.endpoint == nil || fault.KindOf(err) == fault.NoEndpoint {
		return ""
	}
	return x.endpoint.Addr
}

// endTrace ends the stream's own step.
func (x *exchange) endTrace() {
	if !x.trace.Recorded() {
		return
	}
	// One that is still under way ended with the stream: a filter has answered.
	x.trace.EndTry(x.st, x.tried(x.failed), 0, x.failed)
	o := trace.Outcome{GRPC: x.grpcStatus(), Took: x.rec.Took}
	o.Kind, o.Faulted = x.cause()
	if head := x.st.Response(); head != nil {
		o.Status = head.Status
	}
	x.trace.End(x.st, o)
}

// cause is the fault that the stream ended by, if it did.
func (x *exchange) cause() (fault.Kind, bool) {
	if x.failed != nil {
		return fault.KindOf(x.failed), true
	}
	return x.st.Fault()
}
