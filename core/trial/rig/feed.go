package rig

import (
	"bytes"
	"strconv"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// feed is a message on its way into the chain: its head, its pieces, its
// trailers, each when it is due.
type feed struct {
	message  *Message
	trailers *stream.Headers
	next     int // 0: the head; then the pieces, then the trailers
	at       time.Time
	stopped  bool // nothing more is fed
	clock    *Clock
}

func newFeed(c *Clock, m *Message) feed {
	f := feed{message: m, clock: c}
	if len(m.Trailers) > 0 {
		f.trailers = new(stream.Headers)
		add(f.trailers, m.Trailers)
	}
	f.wait(m.Delay)
	return f
}

// begun says that there is a message, and its head was fed.
func (f *feed) begun() bool { return f.message != nil && f.next > 0 }

// wait has the next part come later. The clock is made to stop there.
func (f *feed) wait(d time.Duration) {
	f.at = f.clock.Now().Add(d)
	if d > 0 {
		f.clock.AfterFunc(d, func() {})
	}
}

// ready says whether something is to be fed now.
func (f *feed) ready() bool {
	return f.message != nil && !f.stopped && f.next < f.len() && !f.at.After(f.clock.Now())
}

func (f *feed) len() int {
	n := 1 + len(f.message.Body)
	if f.trailers != nil {
		n++
	}
	return n
}

// step does one thing, if there is one to do.
func (s *Stream) step() bool {
	st, request, response := s.st, &s.feeds[filter.Request], &s.feeds[filter.Response]
	switch {
	case st.Stopped(), !request.stopped && st.Resumed(filter.Request):
		s.flow(filter.Request)
	case response.begun() && st.Resumed(filter.Response):
		s.flow(filter.Response)
	case request.ready() && (request.next == 0 || st.Feedable(filter.Request)):
		s.took(filter.Request, s.part(filter.Request))
	case response.ready() && (response.next == 0 || st.Feedable(filter.Response)):
		s.took(filter.Response, s.part(filter.Response))
	case response.message == nil && s.Upstream != nil && (s.Upstream.Ended || s.response.Early):
		*response = newFeed(s.rig.Clock, &s.response.Message)
	case s.breaks():
		response.stopped = true
		s.took(filter.Response, st.Refuse(fault.UpstreamReset))
	default:
		return false
	}
	return true
}

// flow acts on what was noted while the stream waited.
func (s *Stream) flow(d filter.Direction) {
	done := s.rig.opt.Meter.enter(PhaseResumed)
	v := s.st.Flow(d)
	done()
	s.took(d, v)
}

// breaks says that the upstream's connection breaks, behind the body.
func (s *Stream) breaks() bool {
	f := &s.feeds[filter.Response]
	return s.response.Fail == FailReset && !s.st.Local() && f.message != nil && !f.stopped && f.next == f.len()
}

// part feeds the next part of a message.
func (s *Stream) part(d filter.Direction) chain.Verdict {
	f := &s.feeds[d]
	n := f.next
	f.next++
	f.wait(f.message.Gap)
	breaks := d == filter.Response && s.response.Fail == FailReset && !s.st.Local()
	switch {
	case n == 0:
		if d == filter.Response && !s.st.Local() {
			if kind := s.refusal(); kind != fault.Unknown {
				f.stopped = true
				return s.st.Refuse(kind)
			}
			s.answer()
		}
		defer s.rig.opt.Meter.enter(phases[d].head)()
		return s.st.Head(d, f.message.end())
	case n <= len(f.message.Body):
		piece := f.message.Body[n-1]
		if d == filter.Request {
			s.st.Info().RequestBytes += int64(len(piece))
		}
		piece = bytes.Clone(piece) // filters may write into it
		defer s.rig.opt.Meter.enter(phases[d].body)()
		return s.st.Feed(d, piece, n == len(f.message.Body) && f.trailers == nil && !breaks)
	}
	defer s.rig.opt.Meter.enter(phases[d].trailers)()
	return s.st.FeedTrailers(d, f.trailers)
}

// refusal is what an upstream does that has no head to send.
func (s *Stream) refusal() fault.Kind {
	switch {
	case s.response.Fail == FailConnect:
		return fault.Connect
	case s.response.Fail == FailTimeout:
		return fault.UpstreamTimeout
	case s.response.Fail == FailReset && s.response.end():
		return fault.UpstreamReset
	}
	return fault.Unknown
}

// answer fills in the upstream's head.
func (s *Stream) answer() {
	head := s.st.ResponseHead()
	head.Status, head.Version = s.response.Status, stream.HTTP11
	add(&head.Headers, s.response.Fields)
	i := s.st.Info()
	i.Details, i.Tries, i.UpstreamTime = "via_upstream", 1, s.rig.Clock.Now().Sub(i.Start)
}

// took acts on what came of feeding the chain.
func (s *Stream) took(d filter.Direction, v chain.Verdict) {
	switch v {
	case chain.Replied:
		body := bytes.Clone(s.st.TakeReply())
		s.feeds[filter.Request].stopped, s.Local = true, true
		m := &Message{}
		if len(body) > 0 {
			m.Body = [][]byte{body}
		}
		s.feeds[filter.Response] = newFeed(s.rig.Clock, m)
	case chain.Cut:
		s.end(Reset)
	default:
		s.record(d, s.st.Take(d))
	}
}

// record keeps what has passed the filters.
func (s *Stream) record(d filter.Direction, out chain.Out) {
	side := &s.Upstream
	if d == filter.Response {
		side = &s.Client
	}
	if out.Head {
		s.st.Sent(d)
		*side = &Seen{}
		if d == filter.Request {
			(*side).Head = requestFields(s.st.Request())
		} else {
			r := s.st.Response()
			(*side).Head = fieldsOf([]Field{{":status", strconv.Itoa(r.Status)}}, &r.Headers)
		}
	}
	seen := *side
	if seen == nil {
		return
	}
	if len(out.Data) > 0 {
		seen.Pieces = append(seen.Pieces, string(out.Data))
	}
	if out.Trailers {
		seen.Trailers = fieldsOf(nil, s.st.Trailers(d))
	}
	seen.Ended = seen.Ended || out.End
	if d == filter.Response {
		s.st.Info().ResponseBytes += int64(len(out.Data))
		if out.End {
			s.end(Done)
		}
	}
}
