package http2

import (
	"errors"
	"io"

	"golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/sock"
)

// Error is what ends a connection: the code of the GOAWAY that says so, and
// the reason for logs.
type Error struct {
	Code   http2.ErrCode
	Reason string
}

// Error is the text for logs.
func (e *Error) Error() string { return "HTTP/2: " + e.Reason + " (" + e.Code.String() + ")" }

// refuse is a violation that ends the connection.
func refuse(code http2.ErrCode, reason string) error { return &Error{code, reason} }

// streamError is a violation that ends one stream.
type streamError struct {
	code   http2.ErrCode
	reason string
}

func (e *streamError) Error() string { return "HTTP/2 stream: " + e.reason }

// reset is a violation that ends one stream.
func reset(code http2.ErrCode, reason string) error { return &streamError{code, reason} }

// reject is a malformed request: what was wrong, for the log.
func reject(what string) error {
	return &fault.Error{Kind: fault.BadRequest, Op: "reading head: " + what}
}

// The errors of heads, of the same kinds as those of HTTP/1. Each is made once:
// a hostile client costs no memory.
var (
	errName       = reject("field name is not a token in lower case")
	errValue      = reject("field value holds a control character or outer blanks")
	errPseudo     = reject("unknown, repeated or misplaced pseudo-header field")
	errMissing    = reject("no :method, :scheme or :path")
	errMethod     = reject("method is not a token")
	errScheme     = reject("scheme is neither http nor https")
	errHost       = reject("malformed :authority or Host")
	errHostTwice  = reject("more than one Host")
	errNoHost     = reject("neither :authority nor Host")
	errDiffers    = reject("Host differs from :authority")
	errHopByHop   = reject("field of a connection in HTTP/2")
	errTE         = reject("TE is not exactly trailers")
	errConnect    = reject("CONNECT is not supported")
	errPath       = reject(":path is not in origin form")
	errProtocol   = reject("extended CONNECT to another protocol than websocket")
	errBodyLength = reject("Content-Length differs from the body")
	errExpect     = &fault.Error{Kind: fault.ExpectationFailed, Op: "reading head: unknown expectation"}
	errTooLarge   = &fault.Error{Kind: fault.HeadTooLarge, Op: "reading head: larger than the limit"}
	errLongPath   = &fault.Error{Kind: fault.URITooLong, Op: "reading head: :path longer than the limit"}
	errTrailer    = &fault.Error{Kind: fault.BadRequest, Op: "reading trailers: malformed or forbidden field"}
	errTrailerBig = &fault.Error{Kind: fault.HeadTooLarge, Op: "reading trailers: larger than the limit"}
)

// The ends of a connection that nobody is to blame for.
var (
	errIdle = &Error{http2.ErrCodeNo, "the connection was idle"}
	errLeft = &Error{http2.ErrCodeNo, "the connection was drained"}
)

// The ends of a stream that its peer did not mean.
var (
	errBodyTimeout = fault.New(fault.BodyTimeout, "reading body", sock.ErrTimeout)
	errTruncated   = fault.New(fault.Truncated, "reading request", io.ErrUnexpectedEOF)
	errBadBody     = &fault.Error{Kind: fault.BadRequest, Op: "reading body: violation of HTTP/2"}
	errReset       = errors.New("stream was reset by the peer")
	errOver        = errors.New("stream is over")
)
