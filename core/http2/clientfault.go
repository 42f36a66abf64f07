package http2

import (
	"errors"

	"golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
)

// violation is a response that breaks the protocol: what was wrong, for the log.
func violation(what string) error {
	return &fault.Error{Kind: fault.UpstreamProtocol, Op: "reading response: " + what}
}

// The errors of responses. Each is made once.
var (
	errStatus         = violation("no :status, or not of three digits, or not first")
	errResponsePseudo = violation("unknown, repeated or misplaced pseudo-header field")
	errResponseName   = violation("field name is not a token in lower case")
	errResponseValue  = violation("field value holds a control character or outer blanks")
	errResponseHop    = violation("field of a connection in HTTP/2")
	errResponseLength = violation("malformed or repeated Content-Length")
	errResponseBody   = violation("Content-Length differs from the body")
	errResponseOther  = violation("violation of HTTP/2")
	errResponseTail   = violation("malformed, forbidden or too large trailers")
	errSwitching      = violation("101, which HTTP/2 does not know")
	errInterimEnd     = violation("interim response that ends the stream")
	errInterimFlood   = violation("more interim responses than anybody reads")
	errNoHead         = violation("body without a head")
	errNoConnect      = &fault.Error{Kind: fault.UpstreamProtocol,
		Op: `asking for an upgrade: the upstream takes no extended CONNECT (RFC 8441); protocol = "http1" may do`}
	errResponseLarge = &fault.Error{Kind: fault.UpstreamHeadTooLarge, Op: "reading response: head larger than the limit"}
)

// The ends of streams and connections.
var (
	errUnprocessed     = fault.New(fault.StaleConn, "sending the request: the upstream did not look at it", nil)
	errUpstreamTimeout = fault.New(fault.UpstreamTimeout, "waiting for the upstream", sock.ErrTimeout)
	errSilent          = errors.New("the upstream does not answer PING")
)

// resets are the faults of streams that the upstream reset, by its code (RFC
// 9113, section 7).
var resets = func() (t [http2.ErrCodeHTTP11Required + 1]error) {
	for code := range t {
		t[code] = fault.New(fault.UpstreamReset, "stream reset by the upstream: "+http2.ErrCode(code).String(), errReset)
	}
	t[http2.ErrCodeHTTP11Required] = &fault.Error{Kind: fault.UpstreamProtocol,
		Op: `the upstream wants HTTP/1.1 for this: set the cluster's protocol = "http1"`}
	return t
}()

func resetBy(code http2.ErrCode) error {
	if int(code) < len(resets) {
		return resets[code]
	}
	return resets[http2.ErrCodeInternal]
}

// upstreamFault says what the end of a stream or of its connection means for
// the request.
func upstreamFault(err error) error {
	switch {
	case err == nil, err == sock.ErrInterrupted, err == http1.ErrWrongLength:
		return err
	case err == sock.ErrTimeout, err == errBodyTimeout:
		return errUpstreamTimeout
	case err == errBodyLength:
		return errResponseBody
	case err == errTrailer, err == errTrailerBig:
		return errResponseTail
	}
	var ours *Error
	switch kind := fault.KindOf(err); {
	case kind.Side() == fault.Upstream:
		return err
	case kind != fault.Unknown:
		return errResponseOther
	case errors.As(err, &ours) && ours != errLeft:
		return fault.New(fault.UpstreamProtocol, "talking to the upstream", err)
	}
	return fault.New(fault.UpstreamReset, "talking to the upstream", err)
}
