package filter

import (
	"time"

	"github.com/weirproxy/weir/core/stream"
)

// StreamRequest is a request of a filter whose body follows piece by piece, and
// whose answer comes so. It belongs to the Caller from the moment Stream
// returned nil.
type StreamRequest struct {
	Cluster string
	Head    *stream.RequestHead
	Body    []byte        // the first piece
	End     bool          // which is also the last
	Timeout time.Duration // for all of it; 0 for none

	Trace stream.TraceContext // as in CallRequest
}

// StreamAnswer is told what comes of one: Head, Body any number of times, End;
// or End alone. All calls come from one goroutine. As long as one has not
// returned nothing more is read, which holds the upstream back. What they are
// given is theirs until they return.
type StreamAnswer interface {
	Head(h *stream.ResponseHead, end bool)
	Body(b []byte)
	// End is the last: trailers, nil where there were none, or the error that the
	// answer broke off with.
	End(trailers *stream.Headers, err error)
}

// StreamCall is such a request under way. No method blocks.
type StreamCall interface {
	// Send queues a further piece of the body, copying it. It answers false where
	// that was ended, or where more is queued than may be.
	Send(b []byte, end bool) bool
	// Cancel ends both directions. No call of StreamAnswer begins from then on,
	// but one that has may still run.
	Cancel()
}
