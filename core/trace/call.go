package trace

import (
	"time"

	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace/otlp"
)

// Call is a request that a filter makes for a stream which is traced. The zero value
// is one that is not.
type Call struct {
	sink   *otlp.Exporter
	trace  stream.TraceContext
	parent stream.SpanID
	began  int64
}

// BeginCall begins one: its head gets a context. c is that of the filter's step, zero
// where there is none.
func BeginCall(sink *otlp.Exporter, c stream.TraceContext, h *stream.RequestHead) (k Call) {
	if !c.Valid() {
		return k
	}
	if c.Sampled && sink.Active() {
		k = Call{sink, c, c.Span, time.Now().UnixNano()}
		k.trace.Span = stream.NewSpanID()
		c.Span = k.trace.Span
	}
	clean(&h.Headers)
	Inject(&h.Headers, &c)
	return k
}

// End ends it. endpoint is the address that it went to, "" for none.
func (k *Call) End(h *stream.RequestHead, cluster, endpoint string, o Outcome) {
	if k.sink == nil {
		return
	}
	x := otlp.New(&k.trace, otlp.Client)
	x.Parent(k.parent, false)
	x.Time(k.began, time.Now().UnixNano())
	named(x, h.Method, cluster)
	addMethod(x, h.Method)
	x.Bytes(urlFull, appendURL(nil, string(h.Scheme) == "https", h.Authority, h.Path))
	if endpoint != "" {
		addHost(x, endpoint)
	}
	x.Text(weirCluster, cluster)
	addEnd(x, otlp.Client, &o)
	k.sink.Add(x)
	k.sink = nil
}
