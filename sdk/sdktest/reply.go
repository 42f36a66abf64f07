package sdktest

import (
	"strconv"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// mend answers for a head that the filter has made unfit to be sent on.
func (s *Stream) mend(d abi.Direction) {
	h := s.half[d].head
	status := 0
	switch {
	case s.reply.set:
	case d == abi.Response && h.find(":status") < 0:
		status = 502
	case d == abi.Response:
	case h.find(":method") < 0:
		status = 503
	case h.find(":path") < 0:
		status = 404
	}
	if status > 0 {
		s.reply = reply{set: true, status: status, grpc: -1}
	}
}

// layReply writes the head of a local reply as Weir does.
func (s *Stream) layReply(r *reply) {
	h := &s.half[abi.Response].head
	h.reset()
	h.add(":status", strconv.Itoa(r.status))
	for _, f := range r.headers {
		h.add(f.Name, f.Value)
	}
	h.removeFrom(0, "content-length")
	h.removeFrom(0, "transfer-encoding")
	if s.isGRPC() {
		code := int(r.grpc)
		if code < 0 || code > 16 {
			code = grpcStatus(r.status)
		}
		h.set(":status", "200")
		h.set("content-type", "application/grpc")
		h.set("grpc-status", strconv.Itoa(code))
		if r.body != "" {
			h.set("grpc-message", r.body)
		}
		r.body = ""
		return
	}
	if r.body != "" && h.find("content-type") < 0 {
		h.add("content-type", "text/plain")
	}
	if r.status != 204 && r.status != 304 {
		h.set("content-length", strconv.Itoa(len(r.body)))
	}
}

func (s *Stream) isGRPC() bool {
	const kind = "application/grpc"
	h := s.half[abi.Request].head
	i := h.find("content-type")
	if i < 0 {
		return false
	}
	v := string(h[i].value)
	return len(v) >= len(kind) && v[:len(kind)] == kind && (len(v) == len(kind) || v[len(kind)] == '+' || v[len(kind)] == ';')
}

// grpcStatus is the gRPC status for an HTTP status, as gRPC maps them.
func grpcStatus(status int) int {
	switch status {
	case 200:
		return 0
	case 400:
		return 13
	case 401:
		return 16
	case 403:
		return 7
	case 404:
		return 12
	case 429, 502, 503, 504:
		return 14
	}
	return 2
}

// Reply notes a local reply. The first of a callback stays.
func (h *Host) Reply(status uint32, details, body string, headers []byte, grpc int32) abi.Status {
	s := h.effective
	list, ok := parsePairs(headers)
	if s != nil && s.connection {
		return abi.OK // there is nobody to be answered in HTTP
	}
	if s == nil || !ok || status < 200 || status > 599 || h.phase == logging || h.phase == ending {
		return abi.BadArgument
	}
	for _, f := range list {
		if !validName(f.Name) || !validValue(f.Value) {
			return abi.BadArgument
		}
	}
	inResponse := h.phase >= responseHead && h.phase <= responseTrailers
	if s.half[abi.Response].passed && !inResponse {
		return abi.BadArgument
	}
	if !s.reply.set {
		s.reply = reply{true, int(status), cleanDetails(details), string([]byte(body)), list, grpc}
	}
	return abi.OK
}

// cleanDetails makes the text one word of printable ASCII.
func cleanDetails(details string) string {
	b := []byte(details)
	for i, c := range b {
		if c <= ' ' {
			b[i] = '_'
		} else if c >= 0x7f {
			b[i] = '?'
		}
	}
	return string(b)
}
