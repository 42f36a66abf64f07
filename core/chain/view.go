package chain

import (
	"errors"
	"strings"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// This file is the stream as filters see it: filter.Stream.
var _ filter.Stream = (*Stream)(nil)

// Info are the facts around the stream.
func (s *Stream) Info() *stream.Info { return &s.info }

// Request is the request's head.
func (s *Stream) Request() *stream.RequestHead { return &s.request }

// Response is the response's head, nil before there is one.
func (s *Stream) Response() *stream.ResponseHead {
	if !s.answered {
		return nil
	}
	return &s.response
}

// ResponseHead is where the owner reads a response's head into.
func (s *Stream) ResponseHead() *stream.ResponseHead { return &s.response }

// Trailers are those of a direction, nil while there are none.
func (s *Stream) Trailers(d filter.Direction) *stream.Headers { return s.dir[d].trailers }

// AddTrailers makes trailers in the last body callback of d.
func (s *Stream) AddTrailers(d filter.Direction) *stream.Headers {
	if t := s.dir[d].trailers; t != nil {
		return t
	}
	if !s.dir[d].late {
		return nil
	}
	s.added[d].Reset()
	s.dir[d].trailers = &s.added[d]
	return s.dir[d].trailers
}

// HeadWritable says whether the head of d has not passed the filters yet.
func (s *Stream) HeadWritable(d filter.Direction) bool {
	return !s.dir[d].passed && !s.logging && (d == filter.Request || s.answered)
}

// Body is what part's running callback sees of a body, or what its pause
// holds. What other filters hold is not its business.
func (s *Stream) Body(p filter.Part, d filter.Direction) *stream.Buffer {
	if s.current != nil && s.curDir == d && s.callee != nil && s.callee.part == p {
		return s.current
	}
	for i := range s.seats {
		if st := &s.seats[i]; st.part == p {
			if h := &st.half[d]; h.pause == bodyHeld || h.pause == trailerHeld || h.pause == headWaits {
				return &h.buf
			}
		}
	}
	return nil
}

// AddBody is the body of a message that ends with the head that part's
// running callback sees.
func (s *Stream) AddBody(p filter.Part, d filter.Direction) *stream.Buffer {
	if s.callee == nil || s.callee.part != p || s.phase != headPhase(d) || !s.bodiless {
		return nil
	}
	return &s.callee.half[d].buf
}

// Phase is the phase being run.
func (s *Stream) Phase() filter.Phases { return s.phase }

// The errors of Reply.
var (
	errReplyLate  = errors.New("the response is already on its way")
	errReplyState = errors.New("the stream is over")
)

// Reply answers in the upstream's place.
func (s *Stream) Reply(r filter.Reply) error {
	if s.logging {
		return errReplyState
	}
	if s.dir[filter.Response].sent {
		if s.phase&(filter.PhaseResponseHeaders|filter.PhaseResponseBody|filter.PhaseResponseTrailers) == 0 {
			return errReplyLate
		}
		s.blame(s.whose(r.Filter))
		s.cut = true
		return nil
	}
	n := &s.reply
	if n.set {
		return nil // the first of a callback stays
	}
	s.blame(s.whose(r.Filter))
	n.set, n.refused, n.kind = true, false, 0
	n.status, n.grpc = r.Status, r.GRPC
	n.details = detailsOf(r.Details)
	n.headers.Reset()
	if r.Headers != nil {
		n.headers.CopyFrom(r.Headers)
	}
	n.body = append(n.body[:0], r.Body...)
	n.trailers.Reset()
	if r.Trailers != nil {
		n.trailers.CopyFrom(r.Trailers)
	}
	return nil
}

// detailsOf makes a guest's text one word of printable ASCII.
func detailsOf(d string) string {
	clean := func(r rune) rune {
		switch {
		case r <= ' ':
			return '_'
		case r >= 0x7f:
			return '?'
		}
		return r
	}
	return strings.Map(clean, d)
}

// Resume ends a pause of part's filter.
func (s *Stream) Resume(p filter.Part, d filter.Direction) {
	for i := range s.seats {
		if st := &s.seats[i]; st.part == p {
			st.half[d].resume = st.half[d].pause != flowing || st == s.callee && s.running(d)
		}
	}
	if s.phase != 0 && !s.running(d) {
		s.alert() // the other direction's owner may be waiting
	}
}

// running says whether the callback under way is one of d.
func (s *Stream) running(d filter.Direction) bool {
	const request = filter.PhaseRequestHeaders | filter.PhaseRequestBody | filter.PhaseRequestTrailers
	return (s.phase&request != 0) == (d == filter.Request) && s.phase != filter.PhaseLog
}

// Reset ends the stream; its client sees it end.
func (s *Stream) Reset() {
	if !s.logging {
		s.blame(s.whose(""))
		s.cut = true
	}
}

// ClearRoute has the route matched again.
func (s *Stream) ClearRoute() {
	if !s.dir[filter.Request].sent && s.owner != nil {
		s.owner.ClearRoute()
	}
}

// SetCluster overrides the route's cluster.
func (s *Stream) SetCluster(name string) bool {
	return s.owner != nil && s.owner.SetCluster(name)
}

// Property and SetProperty hold what filters of a stream tell each other.
func (s *Stream) Property(path string) []byte { return s.props.get(path) }

// SetProperty stores a copy of value.
func (s *Stream) SetProperty(path string, value []byte) { s.props.set(path, value) }

// EachProperty calls do for every property whose path starts with prefix.
func (s *Stream) EachProperty(prefix string, do func(path string, value []byte)) {
	s.props.each(prefix, do)
}

// Take hands out what has passed the filters in a direction, once.
func (s *Stream) Take(d filter.Direction) Out {
	out := s.dir[d].out
	s.dir[d].out = Out{}
	return out
}

// Passed says whether the head of d has passed all filters.
func (s *Stream) Passed(d filter.Direction) bool { return s.dir[d].passed }

// Sent notes that the owner has sent the head of d on.
func (s *Stream) Sent(d filter.Direction) { s.dir[d].sent = true }
