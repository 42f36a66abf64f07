package chain

import (
	"time"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// visit is when a filter had the stream to itself, in each direction: from its first
// callback to the end of its last, or of its last pause. Unix nanoseconds, 0 for
// never.
type visit struct {
	began, ended [2]int64
	span         stream.SpanID // made when it is first asked for
}

func (v *visit) begin(d filter.Direction) {
	if v.began[d] == 0 {
		v.began[d] = time.Now().UnixNano()
	}
}

func (v *visit) end(d filter.Direction) { v.ended[d] = time.Now().UnixNano() }

func (v *visit) id() stream.SpanID {
	if v.span == (stream.SpanID{}) {
		v.span = stream.NewSpanID()
	}
	return v.span
}

// Watch has the stream note when its filters run. It comes before the first of them.
func (s *Stream) Watch() { s.watched = true }

// Visit is a filter's part in a stream that is watched.
type Visit struct {
	Filter       string
	Span         stream.SpanID
	Began, Ended [2]int64 // by direction, Unix nanoseconds; 0: it took no part
	Burned       uint64   // nanoseconds of the processor, by the meter
	Failed       bool
}

// Visits is the number of filters of the chain.
func (s *Stream) Visits() int { return len(s.seats) }

// Visit is that of filter i; false where it took no part.
func (s *Stream) Visit(i int) (v Visit, ok bool) {
	st := &s.seats[i]
	n := &st.seen
	if n.began == [2]int64{} && !st.failed {
		return v, false
	}
	v = Visit{Filter: st.link.Filter.Name(), Span: n.id(), Began: n.began, Ended: n.ended, Failed: st.failed}
	for d := range st.half {
		if n.began[d] != 0 && st.half[d].pause != flowing { // to the stream's end
			v.Ended[d] = time.Now().UnixNano()
		}
	}
	if m, ok := st.part.(filter.Metered); ok {
		v.Burned = m.Burned()
	}
	return v, true
}

// TraceOf is for filters: see filter.Stream.
func (s *Stream) TraceOf(p filter.Part) stream.TraceContext {
	c := s.info.Trace
	if !s.watched {
		return c
	}
	for i := range s.seats {
		if st := &s.seats[i]; st.part == p {
			c.Span = st.seen.id()
		}
	}
	return c
}

// blame notes which filter answered the stream or failed it: the first does.
func (s *Stream) blame(name string) {
	if s.info.Filter == "" {
		s.info.Filter = name
	}
}

// whose is the filter whose callback runs, or the one that told its name.
func (s *Stream) whose(name string) string {
	if s.callee != nil {
		return s.callee.link.Filter.Name()
	}
	return name
}

// pausing is the name of the first filter that holds a message, "" for none.
func (s *Stream) pausing() string {
	for i := range s.seats {
		if st := &s.seats[i]; st.half[filter.Request].pause != flowing || st.half[filter.Response].pause != flowing {
			return st.link.Filter.Name()
		}
	}
	return ""
}
