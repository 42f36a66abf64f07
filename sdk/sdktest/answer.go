package sdktest

import "github.com/weirproxy/weir/sdk/internal/abi"

// answer carries out a local reply that a callback of direction d noted, or a
// reset. It answers true when the direction is not to go on.
func (s *Stream) answer(d abi.Direction) bool {
	r := &s.reply
	if !r.set {
		return s.cut
	}
	r.set = false
	response := &s.half[abi.Response]
	if response.passed {
		s.cut = true
		return true
	}
	own := len(response.head) == 0 // from the request phase: the filter sees its reply
	response.reset()
	s.local, s.details = true, r.details
	s.layReply(r)
	end := r.body == ""
	if !own {
		response.headEnd, response.end = end, true
		response.passHead()
		response.buf = append(response.buf, r.body...)
		response.passBody()
		return true
	}
	s.feedHead(abi.Response, end)
	if !end && !s.cut && !s.half[abi.Response].out.End {
		s.feed(abi.Response, r.body, true)
	}
	return true
}

// Continue notes that a pause ends.
func (h *Host) Continue(d abi.Direction) abi.Status {
	connection := h.effective != nil && h.effective.connection
	switch {
	case d > abi.Upstream:
		return abi.BadArgument
	case d == abi.Upstream && (!connection || h.o.Elsewhere):
		return abi.Unimplemented
	case connection != (d >= abi.Downstream):
		return abi.OK
	}
	d %= abi.Downstream
	if s := h.effective; s != nil && h.phase != logging && h.phase != ending {
		half := &s.half[d]
		half.resume = half.pause != flowing || h.runs(d)
	}
	return abi.OK
}

// runs says whether the callback under way is one of a direction.
func (h *Host) runs(d abi.Direction) bool {
	if d == abi.Request {
		return h.phase >= requestHead && h.phase <= requestTrailers || h.phase == newConnection || h.phase == downstreamData
	}
	return h.phase >= responseHead && h.phase <= responseTrailers || h.phase == upstreamData
}

// CloseStream notes a reset.
func (h *Host) CloseStream(d abi.Direction) abi.Status {
	if d > abi.Upstream {
		return abi.BadArgument
	}
	if s := h.effective; s != nil && s.connection == (d >= abi.Downstream) && h.phase != logging && h.phase != ending {
		s.cut = true
	}
	return abi.OK
}

// SetEffective turns to another stream, or to the root.
func (h *Host) SetEffective(id uint32) abi.Status {
	if id == root || id == 0 {
		h.effective = nil
		return abi.OK
	}
	for _, s := range h.streams {
		if s.id == id {
			h.effective = s
			return abi.OK
		}
	}
	return abi.BadArgument
}

// Done ends a wait that the SDK never begins.
func (h *Host) Done() abi.Status { return abi.NotFound }
