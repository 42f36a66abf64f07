package sdktest

import "github.com/weirproxy/weir/sdk/internal/abi"

// body finds the bytes behind a buffer id.
func (h *Host) body(b abi.Buffer) (bytes []byte, half *half, s abi.Status) {
	switch b {
	case abi.PluginConfig:
		if h.phase != configuring {
			return nil, nil, abi.NotFound
		}
		return []byte(h.o.Config), nil, abi.OK
	case abi.VMConfig:
		return []byte(h.o.VMConfig), nil, abi.OK
	case abi.HTTPCallBody:
		if h.call == nil || h.call.failed {
			return nil, nil, abi.NotFound
		}
		return h.call.body, nil, abi.OK
	case abi.GRPCMessage:
		if h.rpc == nil {
			return nil, nil, abi.OK
		}
		return h.rpc.message, nil, abi.OK
	case abi.ForeignResult:
		if h.errand == nil {
			return nil, nil, abi.NotFound
		}
		return h.errand, nil, abi.OK
	case abi.RequestBody, abi.ResponseBody, abi.DownstreamData, abi.UpstreamData:
	default:
		return nil, nil, abi.BadArgument
	}
	st := h.effective
	if st == nil || st.connection != (b >= abi.DownstreamData) {
		return nil, nil, abi.OK
	}
	d := abi.Direction(b % abi.DownstreamData)
	half = &st.half[d]
	inBody := h.phase == st.bodyPhase(d) || !st.connection && h.phase == st.bodyPhase(d)+1 // trailers
	if !inBody && (half.pause == flowing || half.pause == headHeld) {
		return nil, nil, abi.OK
	}
	return half.buf, half, abi.OK
}

// BufferGet is at most limit bytes from start, clipped to what is there.
func (h *Host) BufferGet(b abi.Buffer, start, limit uint32) ([]byte, abi.Status) {
	bytes, _, s := h.body(b)
	if s != abi.OK {
		return nil, s
	}
	n := uint64(len(bytes))
	from := min(uint64(start), n)
	to := min(from+uint64(limit), n)
	return h.arena.keep(bytes[from:to]), abi.OK
}

// BufferLen is the number of bytes that are there.
func (h *Host) BufferLen(b abi.Buffer) (uint32, abi.Status) {
	bytes, _, s := h.body(b)
	return uint32(len(bytes)), s
}

// BufferSet replaces bytes at the start or at the end, as Envoy does.
func (h *Host) BufferSet(b abi.Buffer, start, size uint32, data string) abi.Status {
	bytes, half, s := h.body(b)
	if s != abi.OK {
		return s
	}
	n := uint32(len(bytes))
	if half == nil || start > 0 && start < n {
		return abi.BadArgument
	}
	tail := ""
	if start == 0 {
		tail = string(bytes[min(size, n):])
		half.buf = append(half.buf[:0], data...)
	} else {
		half.buf = append(half.buf, data...)
	}
	half.buf = append(half.buf, tail...)
	return abi.OK
}

// bodyPhase is the phase of what passes by in a direction, of a stream's body or of a
// connection.
func (s *Stream) bodyPhase(d abi.Direction) phase {
	switch {
	case s.connection && d == abi.Request:
		return downstreamData
	case s.connection:
		return upstreamData
	case d == abi.Request:
		return requestBody
	}
	return responseBody
}

// showBody shows the filter size bytes.
func (s *Stream) showBody(p phase, size uint32, end bool) (action uint32) {
	switch g := s.host.guest; p {
	case requestBody:
		return g.OnRequestBody(s.id, size, end)
	case responseBody:
		return g.OnResponseBody(s.id, size, end)
	case downstreamData:
		return g.OnDownstreamData(s.id, size, end)
	default:
		return g.OnUpstreamData(s.id, size, end)
	}
}
