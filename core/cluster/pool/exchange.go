package pool

import (
	"time"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// Exchange carries one request upstream, and its response back: what a codec
// offers. Writing a request's body may go on beside reading the response.
type Exchange interface {
	// Send writes a request's head, with the first piece of its body, or all of
	// it if end. It may also wait, within wait, for the first bytes of the
	// response. A fault of kind StaleConn with Sent false means that nothing
	// left: the request can go to another connection at no risk.
	Send(h *stream.RequestHead, f *http1.RequestFraming, chunk []byte, end bool, trailers *stream.Headers, wait time.Duration) error
	// Sent says whether any byte of the request may have reached the upstream.
	Sent() bool
	// WriteBody writes the next piece of the request's body, and trailers behind
	// the last.
	WriteBody(chunk []byte, end bool, trailers *stream.Headers) error
	// ReadHead reads the head of the next response, an interim one too, within
	// wait. method is the request's.
	ReadHead(h *stream.ResponseHead, method []byte, wait time.Duration) error
	// Frame is how the response that was read is framed.
	Frame() *http1.Framing
	// Ready is what was read of the body already; ReadBody waits for more.
	Ready() (chunk []byte, end bool, err error)
	ReadBody(wait time.Duration) (chunk []byte, end bool, err error)
	// Done says whether the response was read to its end.
	Done() bool
	Trailers() *stream.Headers
	// Interrupt ends a read that waits, with sock.ErrInterrupted.
	Interrupt()
	// Abort ends the exchange at once, also for whoever reads or writes; Close
	// follows.
	Abort()
	// Tunnel is the exchange once it has left HTTP.
	Tunnel() http1.Tunnel
	// Alive says whether what lies idle can still be used.
	Alive() bool
	// Reusable ends an exchange, and says whether another can follow it.
	Reusable() bool
	// Close ends the connection, or the stream of one that carries several. Nobody
	// may read or write any more.
	Close()
}

// PromptReader is an Exchange whose Ready does not know all that a read would
// find without waiting.
type PromptReader interface {
	// ReadAvailable is ReadBody, but waits only for the rest of what has begun to
	// come. there is false where nothing of the body has come yet.
	ReadAvailable(wait time.Duration) (chunk []byte, end, there bool, err error)
}

var (
	_ Exchange     = (*http1.Client)(nil)
	_ PromptReader = (*http1.Client)(nil)
)
