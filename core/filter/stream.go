package filter

import (
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/stream"
)

// Stream is what a filter sees of a stream and may do to it.
//
// A stream's own callbacks may use every method. Anyone else (a timer, the
// answer to a call) must hold the stream with TryHold: that works only while
// the stream waits in a pause. Resume, Reply and Reset only take note; the
// chain acts on them when the callback has returned.
type Stream interface {
	Info() *stream.Info

	// Request is the request head: readable for the whole of the stream.
	Request() *stream.RequestHead
	// Response is the response head, nil before there is one.
	Response() *stream.ResponseHead
	// Trailers are those of a direction, nil while there are none.
	Trailers(d Direction) *stream.Headers
	// AddTrailers makes an empty list of trailers where there is none. It is
	// allowed in the last body callback of a direction only, else nil.
	AddTrailers(d Direction) *stream.Headers
	// HeadWritable says whether a change of the direction's head still has an
	// effect: it has not been sent on.
	HeadWritable(d Direction) bool
	// Body is what part's current callback sees of a body, nil outside the body
	// and trailer phases of d and outside a pause in them.
	Body(p Part, d Direction) *stream.Buffer
	// AddBody is the body of a message that has none, for part's callback of a
	// head that ends its message, which it then cannot pause: what is put into
	// it follows the head. It is nil anywhere else.
	AddBody(p Part, d Direction) *stream.Buffer
	// Recode has what part lets go of the response's body pass through c, with no
	// callback for it. It is taken once, in part's callback of a response head
	// that has a body behind it; c is the stream's then, which closes it. Else
	// the answer is false. What the head says of the body is the caller's to change.
	Recode(p Part, c Coder) bool
	// TraceOf is the step of the stream's trace that what part asks others for is a
	// part of; the zero value where the stream is not traced.
	TraceOf(p Part) stream.TraceContext
	// Phase is the phase being run, 0 between them.
	Phase() Phases

	// Reply answers in the upstream's place. The first of a callback stays.
	// It is refused once the response head is sent unless in a response phase,
	// where it cuts the stream.
	Reply(r Reply) error
	// Refused says which fault the response tells of, if it is one of ours.
	Refused() (fault.Kind, bool)
	// Local says whether the response is a local reply.
	Local() bool
	// Fault says which fault of ours ended the stream, also where no answer
	// tells of it any more.
	Fault() (fault.Kind, bool)
	// Resume ends a pause of the filter that part belongs to, in one
	// direction. It has no effect where there is none.
	Resume(p Part, d Direction)
	// Fail tells the chain that the filter that part belongs to is lost (its
	// instance died), so that a stream that waits in its pause is answered at
	// once by the filter's OnError. Unlike all others it may be called from
	// anywhere, without TryHold, until the part's Close has returned.
	Fail(p Part, err error)
	// Reset ends the stream and its client sees it end.
	Reset()

	// TryHold keeps the stream still for a caller that is not one of its
	// callbacks, as long as it waits in a pause. Release ends that.
	TryHold() bool
	Release()

	// ClearRoute has the route matched again by the changed head before the
	// request goes on (Envoy's clear_route_cache).
	ClearRoute()
	// SetCluster overrides the route's cluster. It answers false for a name
	// that does not exist.
	SetCluster(name string) bool
	// Property and SetProperty hold what filters of a stream tell each other,
	// by path, for the stream's life. Property answers nil for an absent one.
	Property(path string) []byte
	SetProperty(path string, value []byte)
}

// Reply is an answer in the upstream's place. The stream copies what it keeps.
type Reply struct {
	Status  int
	Details string          // for logs and response.code_details, blanks made "_"
	Headers *stream.Headers // may be nil
	Body    []byte
	GRPC    int32  // gRPC status, -1 for none
	Filter  string // whose reply it is, for logs
	// Trailers follow the body; may be nil.
	Trailers *stream.Headers
}

// Caller makes HTTP requests to named clusters for filters.
type Caller interface {
	// Call starts a request. done is called exactly once, later, from another
	// goroutine, unless Call returned an error or the call was cancelled.
	Call(r CallRequest, done func(*CallResponse)) (cancel func(), err error)
	// Stream starts a request that streams both ways.
	Stream(r StreamRequest, to StreamAnswer) (StreamCall, error)
}
