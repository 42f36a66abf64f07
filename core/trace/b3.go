package trace

import (
	"bytes"
	"encoding/hex"

	"github.com/weirproxy/weir/core/stream"
)

// The fields of B3 (github.com/openzipkin/b3-propagation).
const (
	b3           = "b3"
	b3Trace      = "x-b3-traceid"
	b3Span       = "x-b3-spanid"
	b3ParentSpan = "x-b3-parentspanid"
	b3Sampled    = "x-b3-sampled"
	b3Flags      = "x-b3-flags"
)

// parseB3 reads the single field: a decision alone, or
// TRACE-SPAN[-DECISION[-PARENT]].
func parseB3(v []byte) (c Remote, ok bool) {
	if len(v) == 1 {
		c.Decision, ok = decisionOf(v)
		return c, ok
	}
	trace, rest, _ := bytes.Cut(v, dash)
	span, rest, more := bytes.Cut(rest, dash)
	if !c.ids(trace, span) {
		return Remote{}, false
	}
	if !more {
		return c, true
	}
	decision, parent, more := bytes.Cut(rest, dash)
	if c.Decision, ok = decisionOf(decision); !ok {
		return Remote{}, false
	}
	var unused stream.SpanID
	if more && (len(parent) != 16 || !unhex(unused[:], parent)) {
		return Remote{}, false
	}
	c.Sampled = c.Decision >= Record
	return c, true
}

var dash = []byte("-")

// parseB3Multi reads the fields of their own. A decision may stand alone.
func parseB3Multi(h *stream.Headers) (c Remote, ok bool) {
	trace, there := h.Get(b3Trace)
	span, with := h.Get(b3Span)
	if there != with || there && !c.ids(trace, span) {
		return Remote{}, false
	}
	if v, given := h.Get(b3Sampled); given {
		switch string(v) {
		case "1", "true": // the word is of before the specification
			c.Decision = Record
		case "0", "false":
			c.Decision = Drop
		default:
			return Remote{}, false
		}
	}
	if string(h.Peek(b3Flags)) == "1" {
		c.Decision = Force
	}
	c.Sampled = c.Decision >= Record
	return c, there || c.Decision != Undecided
}

// ids reads the two ids. A trace's may have half the digits, the lower ones.
func (c *Remote) ids(trace, span []byte) bool {
	at := 0
	switch len(trace) {
	case 32:
	case 16:
		at = 8
	default:
		return false
	}
	return len(span) == 16 && unhex(c.Trace[at:], trace) && unhex(c.Span[:], span) && c.Valid()
}

func decisionOf(v []byte) (d Decision, ok bool) {
	switch string(v) {
	case "0":
		return Drop, true
	case "1":
		return Record, true
	case "d":
		return Force, true
	}
	return Undecided, false
}

// appendB3 appends the single field.
func appendB3(dst []byte, c *stream.TraceContext) []byte {
	dst = hex.AppendEncode(dst, c.Trace[:])
	dst = hex.AppendEncode(append(dst, '-'), c.Span[:])
	return append(dst, '-', '0'+bit(c.Sampled))
}
