package sdktest

import (
	"strconv"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/abi"
)

// phase is what the filter is being called for.
type phase uint8

const (
	idle phase = iota
	starting
	configuring
	requestHead
	requestBody
	requestTrailers
	responseHead
	responseBody
	responseTrailers
	callAnswer
	logging
	ending
	newConnection // these in the order of weir.phases
	downstreamData
	upstreamData
	connectionClose
)

// The bits of weir.phases.
const (
	phaseLog         = 1 << 6
	firstConnections = 8 // of TCP
	allPhases        = 1<<7 - 1 | (1<<4-1)<<firstConnections
)

// takes says whether the filter takes part in a phase of a stream.
func (h *Host) takes(p phase) bool {
	if p >= newConnection {
		return h.phases&(1<<(firstConnections+p-newConnection)) != 0
	}
	return h.phases&(1<<(p-requestHead)) != 0
}

// pause is what a filter holds back of one direction.
type pause uint8

const (
	flowing     pause = iota
	headHeld          // the head: nothing behind it is shown
	bodyHeld          // body bytes: shown again with the next chunk
	trailerHeld       // the trailers
)

// half is one direction of a stream.
type half struct {
	head     fields
	trailers fields
	has      bool // there are trailers
	pause    pause
	resume   bool
	passed   bool   // the head is on its way
	headEnd  bool   // nothing follows the head
	end      bool   // the last byte has come
	late     bool   // the last body callback runs: trailers may be added
	buf      []byte // what the filter sees, or holds back
	bytes    int    // of the body so far
	coding   coding
	out      Message
}

func (h *half) reset() {
	h.head.reset()
	h.trailers.reset()
	h.has, h.pause, h.resume, h.passed = false, flowing, false, false
	h.headEnd, h.end, h.late = false, false, false
	h.buf, h.bytes, h.coding = h.buf[:0], 0, coding{}
	h.out.reset()
}

// startResponse lays an upstream's head down.
func (s *Stream) startResponse(r Response) {
	head := &s.half[abi.Response].head
	head.reset()
	status := r.Status
	if status == 0 {
		status = 200
	}
	var digits [4]byte
	head.add(":status", sdk.View(strconv.AppendInt(digits[:0], int64(status), 10)))
	for _, f := range r.Headers {
		head.add(f.Name, f.Value)
	}
}

// over says that nothing more of d can move.
func (s *Stream) over(d abi.Direction) bool {
	return s.cut || s.finished || d == abi.Request && s.local
}

// feedHead shows the filter a head.
func (s *Stream) feedHead(d abi.Direction, end bool) {
	h, host := &s.half[d], s.host
	h.headEnd, h.end = end, end
	p := requestHead
	if d == abi.Response {
		p = responseHead
		s.judge(false)
	}
	spared := s.editIn(p)
	if s.answer(d) {
		return
	}
	if host.takes(p) && !spared {
		var action uint32
		host.callback(s, p, func() {
			n := uint32(len(h.head))
			if d == abi.Request {
				action = host.guest.OnRequestHeaders(s.id, n, end)
			} else {
				action = host.guest.OnResponseHeaders(s.id, n, end)
			}
		})
		if s.mend(d); s.answer(d) {
			return
		}
		if h.held(action) {
			h.pause = headHeld
			return
		}
	}
	h.passHead()
}

// held says whether an action holds back, unless the filter resumed within
// the callback.
func (h *half) held(action uint32) bool {
	resumed := h.resume
	h.resume = false
	return action != uint32(sdk.Continue) && !resumed
}

func (h *half) passHead() {
	h.passed = true
	h.out.passHead(h.head)
	h.out.End = h.headEnd
}

// feed shows the filter a chunk of a body.
func (s *Stream) feed(d abi.Direction, chunk string, end bool) {
	if s.over(d) {
		return
	}
	h, host := &s.half[d], s.host
	h.buf = append(h.buf, chunk...)
	h.bytes += len(chunk)
	h.end = h.end || end
	if h.pause == headHeld && !host.o.HeadWaits {
		return
	}
	p := s.bodyPhase(d)
	takes, action := host.takes(p), uint32(sdk.Continue)
	if takes {
		h.late = end && !s.connection
		host.callback(s, p, func() { action = s.showBody(p, uint32(len(h.buf)), end) })
		h.late = false
	}
	if end && p == upstreamData {
		s.upstreamClosed()
	}
	if takes {
		if s.answer(d) {
			return
		}
		if h.held(action) {
			h.pause = bodyHeld
			return
		}
	}
	h.passBody()
}

func (h *half) passBody() {
	h.pause = flowing
	if !h.passed {
		h.passHead()
	}
	h.out.Body = append(h.out.Body, h.buf...)
	h.buf = h.buf[:0]
	h.out.End = h.end
	if h.end {
		h.encode()
	}
	if h.end && h.has {
		h.out.passTrailers(h.trailers)
	}
}

// feedTrailers shows the filter trailers, which end a message.
func (s *Stream) feedTrailers(d abi.Direction, t []sdk.Field) {
	if s.over(d) {
		return
	}
	h := &s.half[d]
	h.has, h.end = true, true
	h.trailers.reset()
	for _, f := range t {
		h.trailers.add(f.Name, f.Value)
	}
	if h.pause == headHeld {
		return
	}
	s.showTrailers(d)
}

func (s *Stream) showTrailers(d abi.Direction) {
	h, host := &s.half[d], s.host
	p := requestTrailers
	if d == abi.Response {
		p = responseTrailers
	}
	if host.takes(p) {
		var action uint32
		host.callback(s, p, func() {
			n := uint32(len(h.trailers))
			if d == abi.Request {
				action = host.guest.OnRequestTrailers(s.id, n)
			} else {
				action = host.guest.OnResponseTrailers(s.id, n)
			}
		})
		if s.answer(d) {
			return
		}
		if h.held(action) {
			h.pause = trailerHeld
			return
		}
	}
	h.passBody()
}

// settle acts on what was noted while the stream waited.
func (s *Stream) settle() {
	for d := range s.half {
		d := abi.Direction(d)
		if s.finished || s.answer(d) {
			return
		}
		h := &s.half[d]
		if !h.resume {
			continue
		}
		h.resume = false
		switch h.pause {
		case headHeld:
			h.pause = flowing
			h.passHead()
			if !h.headEnd && (len(h.buf) > 0 || h.end && !h.has) {
				s.feed(d, "", h.end && !h.has)
			}
			if h.has && h.pause == flowing {
				s.showTrailers(d)
			}
		case bodyHeld, trailerHeld:
			h.passBody()
		}
	}
}
