package trace

import (
	"time"

	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace/otlp"
)

// Stream is the tracing of one request. The zero value traces nothing; it is used
// again by way of Clear.
type Stream struct {
	policy *Policy
	sink   *otlp.Exporter // nil: nothing is recorded
	parent stream.SpanID  // zeroes for a trace that begins here
	link   stream.TraceContext
	room   []byte // for joined fields
	text   []byte // for values
	try    try
	tries  int
}

// Clear forgets the stream and keeps its memory.
func (t *Stream) Clear() {
	*t = Stream{room: kept(t.room), text: kept(t.text)}
}

// kept is memory of an ordinary size, emptied.
func kept(b []byte) []byte {
	const most = 8 << 10
	if cap(b) > most {
		return nil
	}
	return b[:0]
}

// Begin finds the trace of a request by p, or begins one, and puts it into info.
// trusted says whether the peer is one whose context [Trusted] goes on with.
func (t *Stream) Begin(p *Policy, sink *otlp.Exporter, h *stream.Headers, info *stream.Info, trusted bool) {
	t.policy = p
	var c Remote
	c, t.room = Extract(h, p.Read, t.room)
	if p.Parent != Trusted {
		trusted = p.Parent == Everybody
	}
	if !trusted {
		if c.Valid() {
			t.link = c.TraceContext
		}
		c = Remote{}
	}
	own := &info.Trace
	*own = c.TraceContext
	if t.parent = c.Span; !c.Valid() {
		own.Trace = stream.NewTraceID()
	}
	own.Span, own.Formats = stream.NewSpanID(), p.Write
	switch {
	case trusted && p.Always != "" && h.Has(p.Always), c.Decision >= Record:
		own.Sampled = true
	case c.Decision == Undecided:
		own.Sampled = p.sampler.takes(&own.Trace, info.Start.UnixNano())
	}
	if own.Sampled && sink.Active() {
		t.sink = sink
	} else if c.Valid() {
		own.Span = c.Span // we leave no span: what follows is the caller's
	}
	if !trusted && p.Always != "" {
		h.Del(p.Always) // who trusts us shall not take it for our word
	}
}

// Recorded says whether there will be spans.
func (t *Stream) Recorded() bool { return t.sink != nil }

// Filters says whether there will be some of filters.
func (t *Stream) Filters() bool { return t.sink != nil && t.policy.Filters }

// try is an attempt upstream.
type try struct {
	span  stream.SpanID
	began int64 // Unix ns, 0 for none under way
}

// Try begins an attempt: the request's head gets its context.
func (t *Stream) Try(h *stream.Headers, info *stream.Info) {
	if t.policy == nil {
		return
	}
	if t.tries == 0 {
		clean(h)
	}
	t.tries++
	c := info.Trace
	if t.sink != nil {
		t.try = try{stream.NewSpanID(), time.Now().UnixNano()}
		c.Span = t.try.span
	}
	Inject(h, &c)
}
