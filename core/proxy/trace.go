package proxy

import (
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace"
)

// Tracing is what a filter says of tracing, and of which requests.
type Tracing struct {
	Policy    *trace.Policy
	Condition chain.Condition // nil for all
}

// beginTrace finds the stream's trace, where a filter says how: of its route, or of the
// whole side where there is none. The first counts that sees the request, whose head is
// as the client sent it: a trace begins before the filters do.
func (x *exchange) beginTrace() {
	list := x.side.Trace
	if x.route != nil {
		list = x.route.Trace
	}
	head := x.st.Request()
	for i := range list {
		if t := &list[i]; t.Condition == nil || t.Condition.Meets(head) {
			x.traceBy(t.Policy, &head.Headers)
			return
		}
	}
}

// traceRefusal is beginTrace for a request that is refused before its route is looked
// for. A condition cannot be asked about it, and nothing is believed of a head that was
// not read whole. What nobody is left to be answered leaves no trace.
func (x *exchange) traceRefusal(err error, read bool) {
	if fault.KindOf(err).Status() == 0 {
		return
	}
	h := &x.st.Request().Headers
	if !read {
		h = new(stream.Headers)
	}
	for i := range x.side.Trace {
		if t := &x.side.Trace[i]; t.Condition == nil {
			x.traceBy(t.Policy, h)
			return
		}
	}
}

func (x *exchange) traceBy(p *trace.Policy, h *stream.Headers) {
	trusted := x.side.Mesh || x.side.Forwarded.trusts(x.conn.Source.Addr())
	x.trace.Begin(p, x.proxy.spans, h, x.st.Info(), trusted)
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
	o := trace.Broken(0, err)
	if err == nil {
		head := x.st.ResponseHead()
		if o.Status = head.Status; grpc.IsCall(x.st.Request()) {
			o.GRPC = grpc.Ended(head, x.st.Trailers(filter.Response))
		}
	}
	x.trace.EndTry(x.st, x.tried(err), o)
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
	x.trace.EndTry(x.st, x.tried(x.failed), trace.Broken(0, x.failed))
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
