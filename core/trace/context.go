package trace

import (
	"encoding/hex"

	"github.com/weirproxy/weir/core/stream"
)

// Decision is what a caller says about recording.
type Decision uint8

// The decisions.
const (
	Undecided Decision = iota
	Drop
	Record
	Force // whatever the rate: B3's debug flag
)

// Remote is the context that a request brought. Without ids it is a decision alone.
type Remote struct {
	stream.TraceContext
	Decision Decision
}

// Extract reads the context of a head, of the first of those formats that it has.
// One that is malformed is none: the trace begins anew (W3C Trace Context, section
// 4.2). room is memory to join fields in, and is given back, grown perhaps; what
// is answered may lie in it, or in the head.
func Extract(h *stream.Headers, formats stream.TraceFormats, room []byte) (c Remote, grown []byte) {
	if formats&stream.TraceW3C != 0 {
		if v, n := once(h, traceparent); n > 0 {
			var ok bool
			if c, ok = parseParent(v); n == 1 && ok {
				c.State, room = state(h, room)
				return c, room
			}
			return Remote{}, room
		}
	}
	if formats&stream.TraceB3 != 0 {
		if v, n := once(h, b3); n > 0 {
			if c, ok := parseB3(v); n == 1 && ok {
				return c, room
			}
			return Remote{}, room
		}
	}
	if formats&stream.TraceB3Multi != 0 {
		for _, name := range [...]string{b3Trace, b3Span, b3Sampled, b3Flags} {
			if _, n := once(h, name); n > 1 {
				return Remote{}, room
			}
		}
		if c, ok := parseB3Multi(h); ok {
			return c, room
		}
	}
	return Remote{}, room
}

// once is the first value of name, and how many fields have it.
func once(h *stream.Headers, name string) (v []byte, n int) {
	for i := range h.Fields() {
		if f := h.At(i); string(f.Name) == name {
			if n++; n == 1 {
				v = f.Value
			}
		}
	}
	return v, n
}

// Inject writes a context into a head, in its formats.
func Inject(h *stream.Headers, c *stream.TraceContext) {
	var b [64]byte
	if c.Formats&stream.TraceW3C != 0 {
		h.SetNamed(traceparent, appendParent(b[:0], c))
		if len(c.State) > 0 {
			h.SetNamed(tracestate, c.State)
		}
	}
	if c.Formats&stream.TraceB3 != 0 {
		h.SetNamed(b3, appendB3(b[:0], c))
	}
	if c.Formats&stream.TraceB3Multi != 0 {
		h.SetNamed(b3Trace, hex.AppendEncode(b[:0], c.Trace[:]))
		h.SetNamed(b3Span, hex.AppendEncode(b[:0], c.Span[:]))
		h.SetNamed(b3Sampled, append(b[:0], '0'+bit(c.Sampled)))
	}
}

// clean removes what a head says of traces in any format, whoever said it: nobody
// behind us shall take it for our word.
func clean(h *stream.Headers) {
	h.DelFunc(func(f *stream.Field) bool {
		switch string(f.Name) {
		case traceparent, tracestate, b3, b3Trace, b3Span, b3ParentSpan, b3Sampled, b3Flags:
			return true
		}
		return false
	})
}
