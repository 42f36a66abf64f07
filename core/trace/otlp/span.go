package otlp

import (
	"sync"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/weirproxy/weir/core/stream"
)

// Kind says which side of an operation a span is.
type Kind uint64

// The kinds (message Span, enum SpanKind).
const (
	Internal Kind = 1
	Server   Kind = 2
	Client   Kind = 3
)

// The fields of message Span.
const (
	spanTrace      = 1
	spanID         = 2
	spanState      = 3
	spanParent     = 4
	spanName       = 5
	spanKind       = 6
	spanStart      = 7
	spanEnd        = 8
	spanAttributes = 9
	spanEvents     = 11
	spanLinks      = 13
	spanStatus     = 15
	spanFlags      = 16
)

// The bits of a span's flags: those of W3C, and whether it is known that the parent,
// or a link's span, is one of another process.
const (
	flagSampled   = 0x1
	flagKnown     = 0x100
	flagElsewhere = 0x200
)

// Span is one under construction: its message is written as its methods are called.
type Span struct {
	b    []byte
	room []byte // for what must be measured before it is written
}

var spans = sync.Pool{New: func() any { return &Span{b: make([]byte, 0, 1024)} }}

// maxKept bounds what a pooled span holds on to, in bytes.
const maxKept = 32 << 10

// New begins a span. It belongs to the caller until [Exporter.Add].
func New(c *stream.TraceContext, kind Kind) *Span {
	s := spans.Get().(*Span)
	s.b = s.b[:0]
	s.bytes(spanTrace, c.Trace[:])
	s.bytes(spanID, c.Span[:])
	if len(c.State) > 0 {
		s.bytes(spanState, c.State) // printable ASCII: it was parsed
	}
	s.b = protowire.AppendTag(s.b, spanKind, protowire.VarintType)
	s.b = protowire.AppendVarint(s.b, uint64(kind))
	return s
}

func (s *Span) free() {
	if cap(s.b) <= maxKept {
		spans.Put(s)
	}
}

// Parent names the span that this one is a part of; elsewhere says that it is one of
// another process. A span without is its trace's first.
func (s *Span) Parent(id stream.SpanID, elsewhere bool) {
	s.bytes(spanParent, id[:])
	s.b = appendFlags(s.b, spanFlags, true, elsewhere)
}

// Time is when it began and ended, Unix nanoseconds.
func (s *Span) Time(start, end int64) {
	s.fixed(spanStart, start)
	s.fixed(spanEnd, max(start, end))
}

// Name is what is done, in few different words: parts of one text.
func (s *Span) Name(parts ...string) {
	s.room = s.room[:0]
	for _, p := range parts {
		s.room = append(s.room, p...)
	}
	s.b = appendText(protowire.AppendTag(s.b, spanName, protowire.BytesType), s.room)
}

// NameBytes is Name for bytes of anybody's.
func (s *Span) NameBytes(name []byte) {
	s.b = appendText(protowire.AppendTag(s.b, spanName, protowire.BytesType), name)
}

// Link points to a span that is a cause of this one, but not its parent.
func (s *Span) Link(c *stream.TraceContext) {
	m := protowire.AppendBytes(protowire.AppendTag(s.room[:0], 1, protowire.BytesType), c.Trace[:])
	m = protowire.AppendBytes(protowire.AppendTag(m, 2, protowire.BytesType), c.Span[:])
	s.room = appendFlags(m, 6, c.Sampled, true)
	s.bytes(spanLinks, s.room)
}

// Event is something that happened at a moment; took, in nanoseconds, how long it went
// on.
func (s *Span) Event(name string, at, took int64) {
	m := protowire.AppendFixed64(protowire.AppendTag(s.room[:0], 1, protowire.Fixed64Type), uint64(at))
	m = protowire.AppendString(protowire.AppendTag(m, 2, protowire.BytesType), name)
	s.room = appendInt(m, 3, "weir.duration_ns", took)
	s.bytes(spanEvents, s.room)
}

// Failed says that the operation did, and why.
func (s *Span) Failed(why string) {
	m := s.room[:0]
	if why != "" {
		m = appendText(protowire.AppendTag(m, 2, protowire.BytesType), []byte(why))
	}
	s.room = protowire.AppendVarint(protowire.AppendTag(m, 3, protowire.VarintType), 2)
	s.bytes(spanStatus, s.room)
}

func (s *Span) bytes(n protowire.Number, v []byte) {
	s.b = protowire.AppendBytes(protowire.AppendTag(s.b, n, protowire.BytesType), v)
}

func (s *Span) fixed(n protowire.Number, v int64) {
	s.b = protowire.AppendFixed64(protowire.AppendTag(s.b, n, protowire.Fixed64Type), uint64(v))
}

func appendFlags(b []byte, n protowire.Number, sampled, elsewhere bool) []byte {
	flags := uint32(flagKnown)
	if sampled {
		flags |= flagSampled
	}
	if elsewhere {
		flags |= flagElsewhere
	}
	return protowire.AppendFixed32(protowire.AppendTag(b, n, protowire.Fixed32Type), flags)
}
