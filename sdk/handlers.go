package sdk

// Action is what a handler answers.
type Action uint32

// The actions.
const (
	// Continue passes on what the handler saw.
	Continue Action = 0
	// Pause holds it back: a head until [Stream.ContinueRequest] or
	// [Stream.ContinueResponse]; body bytes until the next callback, which
	// shows all bytes held so far, or until one of the two.
	Pause Action = 1
)

// RequestHeadersHandler takes part when the request's head is there. end says
// that no body follows.
type RequestHeadersHandler interface {
	OnRequestHeaders(s *Stream, end bool) Action
}

// RequestBodyHandler sees the request's body pass by: size bytes are in
// s.RequestBody. end says that they are the last.
type RequestBodyHandler interface {
	OnRequestBody(s *Stream, size int, end bool) Action
}

// RequestTrailersHandler takes part when a request has trailers.
type RequestTrailersHandler interface {
	OnRequestTrailers(s *Stream) Action
}

// ResponseHeadersHandler takes part when the response's head is there.
type ResponseHeadersHandler interface {
	OnResponseHeaders(s *Stream, end bool) Action
}

// ResponseBodyHandler sees the response's body pass by, as
// RequestBodyHandler does the request's.
type ResponseBodyHandler interface {
	OnResponseBody(s *Stream, size int, end bool) Action
}

// ResponseTrailersHandler takes part when a response has trailers.
type ResponseTrailersHandler interface {
	OnResponseTrailers(s *Stream) Action
}

// LogHandler is called once all has been answered. Heads can still be read.
type LogHandler interface {
	OnLog(s *Stream)
}

// HTTPCallHandler gets the answers to a stream's calls that were made without
// a function of their own.
type HTTPCallHandler interface {
	OnHTTPCall(s *Stream, call uint32, r *CallResponse)
}

// ForeignHandler gets the later answer of a foreign function, for the stream
// or for the plugin (s is nil then). args is valid until it returns.
type ForeignHandler interface {
	OnForeign(s *Stream, function uint32, args []byte)
}

// StreamMaker is a plugin that keeps state for each stream: what NewStream
// answers has the methods of the phases in the plugin's place. If that value is a
// [Resetter] too, it is used again for later streams.
type StreamMaker interface {
	NewStream() any
}

// Resetter forgets a stream that has ended, so that the value can serve the
// next one.
type Resetter interface {
	Reset()
}

// TickHandler is a plugin with a timer: see [Root.SetTick].
type TickHandler interface {
	OnTick(r *Root)
}

// QueueHandler is a plugin that is told when a queue it registered has items.
type QueueHandler interface {
	OnQueue(r *Root, q Queue)
}

// Closer is a plugin that has something to do when its configuration ends.
type Closer interface {
	Close(r *Root)
}
