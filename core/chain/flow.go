package chain

import (
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// Verdict is what came of feeding a stream.
type Verdict uint8

// The verdicts.
const (
	// Passed: what the filters let through is in Out.
	Passed Verdict = iota
	// Held: a filter pauses. Out may hold something nevertheless.
	Held
	// Replied: a local reply is to be sent, see [Stream.TakeReply].
	Replied
	// Cut: the stream ends, its client sees it end.
	Cut
)

// at is the filter at position p of a direction.
func (s *Stream) at(d filter.Direction, p int) *seat {
	if d == filter.Request {
		return &s.seats[p]
	}
	return &s.seats[s.dir[d].seats-1-p]
}

// Head feeds a direction's head. end says that no body follows.
func (s *Stream) Head(d filter.Direction, end bool) Verdict {
	s.dir[d].headEnd = end
	if d == filter.Response && !s.reply.taken {
		s.dir[d].seats = len(s.seats)
	}
	if d == filter.Response {
		s.answered = true
	}
	return s.head(d, 0, end)
}

// Feed feeds a piece of the body. end says that neither body nor trailers
// follow.
func (s *Stream) Feed(d filter.Direction, chunk []byte, end bool) Verdict {
	if s.verdictPending() { // noted while the owner was reading
		return s.pending()
	}
	return s.data(d, 0, chunk, end)
}

// FeedTrailers feeds the trailers, which end the message.
func (s *Stream) FeedTrailers(d filter.Direction, t *stream.Headers) Verdict {
	if s.verdictPending() {
		return s.pending()
	}
	s.dir[d].trailers = t
	return s.trail(d, 0)
}

// head carries the head on from position p.
func (s *Stream) head(d filter.Direction, p int, end bool) Verdict {
	dir := &s.dir[d]
	if s.verdictPending() {
		return s.pending()
	}
	for ; p < dir.seats; p++ {
		if d == filter.Request {
			s.reached = p + 1
			if s.arrive(p); s.verdictPending() {
				return s.pending()
			}
		}
		st := s.at(d, p)
		if !st.takes(headPhase(d)) {
			continue
		}
		s.bodiless = end
		action, v := s.run(st, d, headPhase(d), end)
		s.bodiless = false
		if v != Passed {
			return v
		}
		h := &st.half[d]
		if end && h.buf.Len() > 0 {
			return s.headAndBody(d, p)
		}
		switch action {
		case filter.ActionPause:
			h.pause, h.end = headStopped, end
			return Held
		case filter.ActionPauseBuffering:
			h.pause, h.end = headWaits, end
			if st.link.Guard && !st.takes(bodyPhase(d)) {
				h.pause = headStopped
			}
			return Held
		}
	}
	dir.passed = true
	dir.out.Head, dir.out.End, dir.ended = true, end, end
	return Passed
}

// headAndBody goes on from position p, whose filter gave a message that was a
// head alone a body.
func (s *Stream) headAndBody(d filter.Direction, p int) Verdict {
	s.dir[d].headEnd = false
	if v := s.head(d, p+1, false); v > Held {
		return v
	}
	return s.data(d, p+1, s.at(d, p).half[d].buf.Take(), true)
}

// data carries body bytes on from position p. Where the body was to end and a
// filter before has added trailers, those end the message.
func (s *Stream) data(d filter.Direction, p int, chunk []byte, end bool) Verdict {
	dir := &s.dir[d]
	for ; p < dir.seats; p++ {
		if end && dir.trailers != nil {
			if len(chunk) > 0 {
				if v := s.data(d, p, chunk, false); v > Held {
					return v
				}
			}
			return s.trail(d, p)
		}
		st := s.at(d, p)
		h := &st.half[d]
		takes := st.takes(bodyPhase(d))
		if h.pause == flowing && !takes && h.coder.Coder == nil {
			continue
		}
		kept := h.buf.Len() > 0
		h.buf.Extend(chunk)
		h.end = end
		if h.pause == headStopped {
			h.buf.Hold()
			return s.bounded(d, st)
		}
		if takes {
			dir.late = end
			s.current, s.curDir = &h.buf, d
			action, v := s.run(st, d, bodyPhase(d), end)
			s.current, dir.late = nil, false
			if v != Passed {
				return v
			}
			switch action {
			case filter.ActionPause, filter.ActionPauseBuffering:
				h.buf.Hold()
				if h.pause == flowing {
					h.pause = bodyHeld
				}
				return s.bounded(d, st)
			case filter.ActionDropBody:
				if kept { // what was held back is not lost again
					h.buf.Hold()
					return s.bounded(d, st)
				}
				h.buf.Take()
				if h.pause == headWaits {
					return Held // only ActionContinue lets a head go
				}
				if !end {
					return Passed
				}
				h.pause = bodyHeld // nor does the end pass without it
				return Held
			}
		}
		if v := s.release(d, p); v > Held {
			return v
		}
		var ok bool
		if chunk, ok = h.coder.encode(h.buf.Take(), end); !ok {
			return Passed
		}
	}
	dir.pass(chunk)
	dir.out.End, dir.out.Trailers, dir.ended = end, end && dir.trailers != nil, end
	return Passed
}

// pass puts body bytes out. Where trailers are on their way, pieces of several
// filters may pass in one call, and a filter's memory serve two of them: they
// are gathered.
func (d *direction) pass(chunk []byte) {
	if !d.gathering {
		d.out.Data = chunk
		return
	}
	if len(d.out.Data) == 0 {
		d.gathered = d.gathered[:0]
	}
	d.gathered = append(d.gathered, chunk...)
	d.out.Data = d.gathered
}

func (d *direction) gather() {
	if !d.gathering {
		d.gathering = true
		d.gathered = append(d.gathered[:0], d.out.Data...)
		d.out.Data = d.gathered
	}
}

// trail carries trailers on from position p.
func (s *Stream) trail(d filter.Direction, p int) Verdict {
	dir := &s.dir[d]
	dir.gather()
	for ; p < dir.seats; p++ {
		st := s.at(d, p)
		h := &st.half[d]
		h.trailers = true
		if h.pause == headStopped || h.pause == headWaits && st.link.Guard && !st.takes(trailerPhase(d)) {
			return Held
		}
		if st.takes(trailerPhase(d)) {
			s.current, s.curDir = &h.buf, d
			action, v := s.run(st, d, trailerPhase(d), false)
			s.current = nil
			if v != Passed {
				return v
			}
			if action == filter.ActionPause || action == filter.ActionPauseBuffering {
				if h.pause == flowing || h.pause == bodyHeld {
					h.pause = trailerHeld
				}
				return Held
			}
		}
		if v := s.releaseAll(d, p); v > Held {
			return v
		}
		if v := s.finishCoder(d, p); v > Held {
			return v
		}
	}
	dir.out.Trailers, dir.out.End, dir.ended = true, true, true
	return Passed
}

// release lets go of a head that the seat at p holds. Where it stops next is
// no matter here: the body follows it there.
func (s *Stream) release(d filter.Direction, p int) Verdict {
	h := &s.at(d, p).half[d]
	was := h.pause
	h.pause = flowing
	if s.watched && was != flowing {
		s.at(d, p).seen.end(d)
	}
	if was == headWaits || was == headStopped {
		return s.head(d, p+1, s.dir[d].headEnd)
	}
	return Passed
}

// releaseAll lets go of all that the seat at p holds.
func (s *Stream) releaseAll(d filter.Direction, p int) Verdict {
	v := s.release(d, p)
	h := &s.at(d, p).half[d]
	if v > Held || h.buf.Len() == 0 && (!h.end || s.dir[d].headEnd || h.trailers) {
		return v
	}
	return s.onward(d, p, h.buf.Take(), h.end && !h.trailers)
}

// Flow acts on what was noted while the owner waited: resumptions, replies,
// lost filters. It handles one resumption; call it again until it answers
// with nothing in Out.
func (s *Stream) Flow(d filter.Direction) Verdict {
	s.settleLost()
	if s.verdictPending() {
		return s.pending()
	}
	for p := 0; p < s.dir[d].seats; p++ {
		h := &s.at(d, p).half[d]
		if !h.resume {
			continue
		}
		h.resume = false
		switch h.pause {
		case flowing:
			continue
		case headStopped:
			return s.resumeHead(d, p)
		default:
			v := s.releaseAll(d, p)
			if v <= Held && h.trailers {
				if v = s.finishCoder(d, p); v <= Held {
					return s.trail(d, p+1)
				}
			}
			return v
		}
	}
	return Held
}

// resumeHead lets a stopped head go. What arrived behind it meanwhile is new
// to the filter: it sees that first.
func (s *Stream) resumeHead(d filter.Direction, p int) Verdict {
	h := &s.at(d, p).half[d]
	v := s.release(d, p)
	if v > Held || s.dir[d].headEnd {
		return v
	}
	if h.buf.Len() > 0 || h.end && !h.trailers {
		if v = s.data(d, p, h.buf.Take(), h.end && !h.trailers); v > Held {
			return v
		}
	}
	if h.trailers {
		return s.trail(d, p)
	}
	return v
}

// Feedable says whether more of the body may be fed: no filter holds the head
// and waits for Resume alone.
func (s *Stream) Feedable(d filter.Direction) bool {
	for p := 0; p < s.dir[d].seats; p++ {
		if s.at(d, p).half[d].pause == headStopped {
			return false
		}
	}
	return true
}

// Holding says whether a filter pauses in a direction.
func (s *Stream) Holding(d filter.Direction) bool {
	for p := 0; p < s.dir[d].seats; p++ {
		if s.at(d, p).half[d].pause != flowing {
			return true
		}
	}
	return false
}

// bounded fails a filter that holds back more than it may.
func (s *Stream) bounded(d filter.Direction, st *seat) Verdict {
	if st.half[d].buf.Len() <= s.chain.held {
		return Held
	}
	s.blame(st.link.Filter.Name())
	kind := fault.GuestBodyLimit
	if d == filter.Response {
		kind = fault.GuestResponseLimit
	}
	return s.Refuse(kind)
}

// run calls one callback and settles what it noted.
func (s *Stream) run(st *seat, d filter.Direction, phase filter.Phases, end bool) (filter.Action, Verdict) {
	s.phase, s.callee = phase, st
	if s.watched {
		st.seen.begin(d)
	}
	action, err := call(st.part, phase, end)
	if s.watched {
		st.seen.end(d)
	}
	s.phase, s.callee = 0, nil
	if err != nil {
		s.failSeat(st, err)
		action = filter.ActionContinue
	}
	if s.verdictPending() {
		return 0, s.pending()
	}
	h := &st.half[d]
	if h.resume {
		h.resume = false
		if action == filter.ActionPause || action == filter.ActionPauseBuffering {
			action = filter.ActionContinue
		}
	}
	return action, Passed
}

func (s *Stream) failSeat(st *seat, err error) {
	for i := range s.seats {
		if &s.seats[i] == st {
			s.lose(i, err)
		}
	}
}

func (s *Stream) verdictPending() bool { return s.reply.set || s.cut }

func (s *Stream) pending() Verdict {
	if s.cut {
		return Cut
	}
	return Replied
}
