package http1

import (
	"errors"
	"syscall"

	"github.com/weirproxy/weir/core/fault"
)

// reject is a violation of the protocol: what was wrong, for the log.
func reject(what string) error {
	return &fault.Error{Kind: fault.BadRequest, Op: "reading head: " + what}
}

// The errors of heads. Each is made once: a hostile client costs no memory.
var (
	errLineEnd        = reject("line does not end in CR LF")
	errControl        = reject("control character")
	errRequestLine    = reject("malformed request line")
	errMethod         = reject("method is not a token")
	errTarget         = reject("malformed request target")
	errVersion        = &fault.Error{Kind: fault.VersionUnsupported, Op: "reading head: version is neither HTTP/1.1 nor HTTP/1.0"}
	errName           = reject("field name is not a token")
	errUnderscore     = reject("field name with an underscore")
	errFold           = reject("folded line")
	errNoColon        = reject("field without a colon")
	errHostMissing    = reject("no Host")
	errHostTwice      = reject("more than one Host")
	errHost           = reject("malformed Host")
	errHostDiffers    = reject("Host differs from the request target's authority")
	errLengthTwice    = reject("more than one Content-Length")
	errLength         = reject("malformed Content-Length")
	errBothFramings   = reject("Content-Length beside Transfer-Encoding")
	errTransferCoding = reject("Transfer-Encoding is not exactly chunked")
	errTransferHTTP10 = reject("Transfer-Encoding in HTTP/1.0")
	errConnection     = reject("Connection names a field that is not hop-by-hop")
	errConnect        = reject("CONNECT is not supported")
	errExpect         = &fault.Error{Kind: fault.ExpectationFailed, Op: "reading head: unknown expectation"}
	errStatusLine     = reject("malformed status line")

	errTooLarge    = &fault.Error{Kind: fault.HeadTooLarge, Op: "reading head: larger than the limit"}
	errTooMany     = &fault.Error{Kind: fault.HeadTooLarge, Op: "reading head: more fields than the limit"}
	errLineTooLong = &fault.Error{Kind: fault.URITooLong, Op: "reading head: request line longer than the limit"}
)

// The errors of bodies.
var (
	errChunk      = &fault.Error{Kind: fault.BadRequest, Op: "reading body: malformed chunk"}
	errChunkExt   = &fault.Error{Kind: fault.BadRequest, Op: "reading body: chunk extension longer than the limit"}
	errTrailer    = &fault.Error{Kind: fault.BadRequest, Op: "reading trailers: malformed or forbidden field"}
	errTrailerBig = &fault.Error{Kind: fault.HeadTooLarge, Op: "reading trailers: larger than the limit"}
)

// ErrTruncated is a message that ended before its framing said so.
var ErrTruncated = errors.New("message ended before its framing said so")

// errEnd is the end of a body that its connection's end frames.
var errEnd = errors.New("end of body")

// ErrWrongLength is a body longer or shorter than its head said: a filter's
// doing, or ours. The message cannot be saved, and no peer is to blame.
var ErrWrongLength error = &fault.Error{Kind: fault.Unknown, Op: "writing body: it differs from the length that was said"}

// errMore means that the head is not complete yet.
var errMore = errors.New("more bytes needed")

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
