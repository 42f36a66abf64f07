package chain

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
)

// reply is a local reply that was noted.
type reply struct {
	set      bool // to be taken
	taken    bool // one was taken: the stream is answered by it
	kind     fault.Kind
	refused  bool // it is a fault of ours, of that kind
	status   int
	grpc     int32
	details  string
	headers  stream.Headers
	body     []byte
	trailers stream.Headers
}

func (r *reply) reset() {
	if !r.set && !r.taken {
		return
	}
	r.set, r.taken, r.refused, r.kind = false, false, false, 0
	r.headers.Reset()
	r.trailers.Reset()
	r.body = r.body[:0]
	r.details = ""
}

// Refuse answers the stream with a fault's status, unless a reply was noted
// before. Once the response is under way it cuts.
func (s *Stream) Refuse(k fault.Kind) Verdict {
	s.info.Flags |= k.Flags()
	if !s.faulted {
		s.faulted, s.fault = true, k
	}
	if k == fault.PauseTimeout {
		s.blame(s.pausing())
	}
	if s.dir[filter.Response].sent || k.Status() == 0 {
		s.cut = true
		s.info.Details = k.Details()
		if s.dir[filter.Response].sent {
			s.info.Details = strings.Replace(s.info.Details, "_before_response_", "_after_response_", 1)
		}
		return Cut
	}
	r := &s.reply
	if r.set {
		return s.pending()
	}
	r.set, r.refused, r.kind = true, true, k
	r.status, r.grpc, r.details = k.Status(), int32(k.GRPC()), k.Details()
	r.headers.Reset()
	r.trailers.Reset()
	r.body = append(append(r.body[:0], http.StatusText(r.status)...), '\n')
	return s.pending()
}

// TakeReply makes the reply that was noted the stream's response: its head is
// in Response, its body is returned, to be fed by Head and Feed. The filters
// it still has to pass are those that the request had entered, and none if
// the response had already reached the filters.
func (s *Stream) TakeReply() (body []byte) {
	r := &s.reply
	out := &s.dir[filter.Response]
	seats := s.reached
	if s.answered || r.taken {
		seats = 0
	}
	s.closeCoders()
	*out = direction{seats: seats}
	for i := range s.seats {
		h := &s.seats[i].half[filter.Response]
		h.pause, h.resume, h.end, h.trailers = flowing, false, false, false
		h.buf.Reset()
	}
	r.set, r.taken = false, true
	h := &s.response
	h.Reset()
	h.Status, h.Version = r.status, stream.HTTP11
	s.info.Details = r.details
	h.Headers.CopyFrom(&r.headers)
	h.Headers.Del("content-length")
	h.Headers.Del("transfer-encoding")
	s.answered = true
	if s.isCall() {
		return s.grpcReply(r)
	}
	switch {
	case len(r.body) == 0: // nor has it a type, as in Envoy
		h.Headers.Del("content-type")
	case !h.Headers.Has("content-type"):
		h.Headers.AddString("content-type", "text/plain")
	}
	if r.status != 204 && r.status != 304 && r.trailers.Len() == 0 {
		var n [20]byte
		h.Headers.Set(contentLength, strconv.AppendInt(n[:0], int64(len(r.body)), 10))
	}
	return r.body
}

var contentLength = []byte("content-length")

// ReplyTrailers are those of the reply that was taken, to be fed behind its
// body; nil if there are none.
func (s *Stream) ReplyTrailers() *stream.Headers {
	if r := &s.reply; r.taken && r.trailers.Len() > 0 && !s.isCall() {
		return &r.trailers
	}
	return nil
}

// Refused says which fault of ours the reply that was taken tells of.
func (s *Stream) Refused() (fault.Kind, bool) { return s.reply.kind, s.reply.refused }

// Local says whether the response is a local reply.
func (s *Stream) Local() bool { return s.reply.taken }

// Fault says which fault ended the stream, the first if there were several.
func (s *Stream) Fault() (fault.Kind, bool) { return s.fault, s.faulted }

// isCall says whether the request is of gRPC's type, whatever its method: as
// Envoy asks.
func (s *Stream) isCall() bool { return grpc.IsType(s.request.Headers.Peek("content-type")) }

// grpcReply says it in gRPC's way: status 200, and the rest in headers.
func (s *Stream) grpcReply(r *reply) []byte {
	h := &s.response
	code := grpc.Code(r.grpc)
	if r.grpc < 0 || r.grpc >= grpc.NumCodes {
		code = grpc.FromHTTP(r.status)
	}
	h.Status = 200
	h.Headers.SetString("content-type", grpc.ContentType)
	h.Headers.SetString("grpc-status", code.Text())
	text := r.body
	if r.refused {
		text = bytes.TrimSuffix(text, newline)
	}
	if len(text) > 0 {
		h.Headers.Set([]byte("grpc-message"), grpc.AppendMessage(nil, text))
	}
	return nil
}

var newline = []byte("\n")
