package sdktest

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/abi"
)

// Request is what a client sends.
type Request struct {
	Method    string // GET if empty
	Path      string // "/" if empty
	Authority string // "example.com" if empty
	Scheme    string // "http" if empty
	Headers   []sdk.Field
	Body      string
	Trailers  []sdk.Field
	// Open leaves the body unfinished: Stream.Send goes on with it.
	Open bool
	// Properties are facts of this stream, before those of Options.
	Properties map[string]string
}

// Response is what an upstream answers.
type Response struct {
	Status   int // 200 if 0
	Headers  []sdk.Field
	Body     string
	Trailers []sdk.Field
	// Open leaves the body unfinished: Stream.RespondMore goes on with it.
	Open bool
}

// Stream is one request and its response on their way through the filter.
type Stream struct {
	host  *Host
	id    uint32
	start int64 // nanoseconds since 1970
	req   Request
	resp  Response

	half     [2]half // by abi.Direction
	props    []property
	edited   int // bytes that edits have written
	reply    reply
	local    bool // the response is the filter's
	cut      bool
	details  string
	mirror   Mirror
	finished bool

	connection bool // of TCP: see Connection

	place place  // in a circuit
	retry []byte // policy, if the stream has its own
}

// property is a value that a filter has set.
type property struct {
	path  string
	value []byte
}

// reply is a local reply that was noted.
type reply struct {
	set     bool
	status  int
	details string
	body    string
	headers []sdk.Field
	grpc    int32
}

// Stream begins a stream with a request and carries that as far as the filter
// lets it.
func (h *Host) Stream(r Request) *Stream {
	h.t.Helper()
	s := &Stream{host: h, req: r, id: h.newID()}
	h.streams = append(h.streams, s)
	s.begin()
	h.bringErrands()
	return s
}

// newID is a free slot below a generation, as Weir gives out context ids.
func (h *Host) newID() uint32 {
	const first = 2
	for slot := uint32(first); ; slot++ {
		if h.find(slot) == nil {
			h.generation++
			return h.generation<<12 | slot
		}
	}
}

// find is the stream that holds a slot.
func (h *Host) find(slot uint32) *Stream {
	for _, s := range h.streams {
		if s.id&0xfff == slot {
			return s
		}
	}
	return nil
}

func (s *Stream) begin() {
	h := s.host
	s.start = h.now
	h.callback(nil, idle, func() { h.guest.OnContextCreate(s.id, root) })
	r := &s.req
	head := &s.half[abi.Request].head
	head.reset()
	head.add(":method", or(r.Method, "GET"))
	head.add(":path", or(r.Path, "/"))
	head.add(":authority", or(r.Authority, "example.com"))
	head.add(":scheme", or(r.Scheme, "http"))
	for _, f := range r.Headers {
		head.add(f.Name, f.Value)
	}
	end := r.Body == "" && len(r.Trailers) == 0 && !r.Open
	s.feedHead(abi.Request, end)
	s.feedRest(abi.Request, r.Body, r.Trailers, end || r.Open)
}

// feedRest feeds what follows a head. Unless the message is over, or stays
// open, its end comes as an empty chunk, as from a socket.
func (s *Stream) feedRest(d abi.Direction, body string, trailers []sdk.Field, over bool) {
	if body != "" {
		s.feed(d, body, false)
	}
	switch {
	case len(trailers) > 0:
		s.feedTrailers(d, trailers)
	case !over:
		s.feed(d, "", true)
	}
}

// Send sends a further chunk of the request's body. end says it is the last.
func (s *Stream) Send(chunk string, end bool) {
	s.feed(abi.Request, chunk, end)
	s.host.bringErrands()
}

// SendTrailers ends the request with trailers.
func (s *Stream) SendTrailers(t []sdk.Field) {
	s.feedTrailers(abi.Request, t)
	s.host.bringErrands()
}

// Respond answers as the upstream. It has no effect if the filter has
// answered, or holds the request back.
func (s *Stream) Respond(r Response) {
	if s.local || s.cut || !s.half[abi.Request].passed {
		return
	}
	s.resp = r
	s.startResponse(r)
	end := r.Body == "" && len(r.Trailers) == 0 && !r.Open
	s.feedHead(abi.Response, end)
	if !s.local {
		s.feedRest(abi.Response, r.Body, r.Trailers, end || r.Open)
	}
	s.host.bringErrands()
}

// RespondMore sends a further chunk of the response's body. end says it is
// the last.
func (s *Stream) RespondMore(chunk string, end bool) {
	if !s.local {
		s.feed(abi.Response, chunk, end)
	}
	s.host.bringErrands()
}

// RespondTrailers ends the response with trailers.
func (s *Stream) RespondTrailers(t []sdk.Field) {
	if !s.local {
		s.feedTrailers(abi.Response, t)
	}
	s.host.bringErrands()
}

// Finish ends the stream: the filter's log, done and delete run. What the
// stream shows stays.
func (s *Stream) Finish() {
	if s.finished {
		return
	}
	s.finished = true
	h := s.host
	s.editIn(logging)
	if h.phases&phaseLog != 0 {
		h.callback(s, logging, func() { h.guest.OnLog(s.id) })
	}
	s.judge(true)
	h.callback(s, ending, func() { h.guest.OnDone(s.id) })
	h.callback(s, ending, func() { h.guest.OnDelete(s.id) })
	s.leave()
}

// leave takes the stream out of those that have not finished.
func (s *Stream) leave() {
	h := s.host
	for i, other := range h.streams {
		if other == s {
			last := len(h.streams) - 1
			h.streams[i] = h.streams[last]
			h.streams = h.streams[:last]
			break
		}
	}
}

// Again runs a stream that has finished once more from its beginning to its
// end, with the same request and response, and allocates nothing by itself:
// for measuring what the filter does.
func (s *Stream) Again() {
	h := s.host
	s.Finish()
	s.id = h.newID()
	s.finished, s.local, s.cut, s.details = false, false, false, ""
	s.reply.set, s.retry = false, s.retry[:0]
	s.props, s.edited = s.props[:0], 0
	for d := range s.half {
		s.half[d].reset()
	}
	h.streams = append(h.streams, s)
	s.begin()
	s.Respond(s.resp)
	s.Finish()
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
