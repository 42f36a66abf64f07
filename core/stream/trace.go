package stream

import (
	"encoding/binary"
	"math/rand/v2"
)

// TraceID names a trace, SpanID one step of it. All zeroes stand for none.
type (
	TraceID [16]byte
	SpanID  [8]byte
)

// TraceContext is a step of a trace, as those that follow from it need to know it
// (W3C Trace Context). The zero value is none.
type TraceContext struct {
	Trace   TraceID
	Span    SpanID
	Sampled bool         // whoever takes part is asked to record it
	Formats TraceFormats // in which it is passed on
	State   []byte       // the field tracestate, made of one list; may be nil
}

// Valid says whether there is a trace.
func (c *TraceContext) Valid() bool { return c.Trace != TraceID{} && c.Span != SpanID{} }

// TraceFormats is a set of the ways to write a context into a head.
type TraceFormats uint8

// The formats.
const (
	TraceW3C     TraceFormats = 1 << iota // traceparent and tracestate
	TraceB3                               // b3
	TraceB3Multi                          // X-B3-TraceId and its sisters

	AllTraceFormats TraceFormats = 1<<iota - 1
)

// NewTraceID makes one by chance. The runtime's generator is seeded from the
// system's, and what it gives cannot be guessed from what it gave.
func NewTraceID() (id TraceID) {
	for id == (TraceID{}) {
		binary.LittleEndian.PutUint64(id[:8], rand.Uint64())
		binary.LittleEndian.PutUint64(id[8:], rand.Uint64())
	}
	return id
}

// NewSpanID makes one by chance.
func NewSpanID() (id SpanID) {
	for id == (SpanID{}) {
		binary.LittleEndian.PutUint64(id[:], rand.Uint64())
	}
	return id
}
