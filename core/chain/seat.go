package chain

import (
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// seat is a filter's place in one stream.
type seat struct {
	link   *Link
	part   filter.Part
	failed bool // not called again but for Close
	absent bool // it does not see this request, or not yet
	half   [2]hold
	seen   visit // where the stream is watched
}

// pause is what a filter holds back in one direction.
type pause uint8

const (
	flowing     pause = iota
	headStopped       // the head, and whatever arrives behind it unseen
	headWaits         // the head, until a body callback continues
	bodyHeld          // body bytes
	trailerHeld       // trailers, and what of the body was held before them
)

// hold is a seat's state in one direction.
type hold struct {
	pause    pause
	resume   bool // Resume was called
	end      bool // the message's end arrived here
	trailers bool // its trailers did
	buf      stream.Buffer
	coder    coder
}

func (s *seat) takes(p filter.Phases) bool {
	return !s.failed && !s.absent && s.link.phases&p != 0
}

func (s *seat) reset() {
	s.link, s.part, s.failed, s.absent, s.seen = nil, nil, false, false, visit{}
	for i := range s.half {
		h := &s.half[i]
		h.pause, h.resume, h.end, h.trailers = flowing, false, false, false
		h.buf.Reset()
	}
}

// call runs one callback of a part.
func call(p filter.Part, phase filter.Phases, end bool) (filter.Action, error) {
	switch phase {
	case filter.PhaseRequestHeaders:
		return p.RequestHeaders(end)
	case filter.PhaseRequestBody:
		return p.RequestBody(end)
	case filter.PhaseRequestTrailers:
		return p.RequestTrailers()
	case filter.PhaseResponseHeaders:
		return p.ResponseHeaders(end)
	case filter.PhaseResponseBody:
		return p.ResponseBody(end)
	default:
		return p.ResponseTrailers()
	}
}
