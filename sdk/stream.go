package sdk

import (
	"unsafe"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// Stream is one request and its response, as the handlers of one filter see
// it. It is valid from its first callback to the end of its last and is used
// again after that: keep its ID rather than the pointer.
type Stream struct {
	id      uint32
	root    *Root
	handler any
	h       *handlers // the root's, or own
	own     handlers
}

// ID is the stream's context id. [Root.Enter] finds the stream by it.
func (s *Stream) ID() uint32 { return s.id }

// Root is the filter's root context.
func (s *Stream) Root() *Root { return s.root }

// Request is the request's head.
func (s *Stream) Request() Headers { return Headers{abi.RequestHeaders} }

// Response is the response's head. There is one from the response phase on.
func (s *Stream) Response() Headers { return Headers{abi.ResponseHeaders} }

// RequestTrailers are the request's. In the last body callback they can be
// added where there were none.
func (s *Stream) RequestTrailers() Headers { return Headers{abi.RequestTrailers} }

// ResponseTrailers are the response's, as RequestTrailers.
func (s *Stream) ResponseTrailers() Headers { return Headers{abi.ResponseTrailers} }

// RequestBody is what a body callback shows.
func (s *Stream) RequestBody() Body { return Body{abi.RequestBody} }

// ResponseBody is what a body callback shows.
func (s *Stream) ResponseBody() Body { return Body{abi.ResponseBody} }

// Method is the request's method.
func (s *Stream) Method() []byte { v, _ := s.Request().Get(":method"); return v }

// Path is the request's path with its query.
func (s *Stream) Path() []byte { v, _ := s.Request().Get(":path"); return v }

// Authority is the request's host.
func (s *Stream) Authority() []byte { v, _ := s.Request().Get(":authority"); return v }

// Status is the response's status, 0 while there is none.
func (s *Stream) Status() int {
	v, _ := s.Response().Get(":status")
	n := 0
	for _, c := range v {
		if c < '0' || c > '9' || n > 99 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// ContinueRequest ends a pause of the request. It has no effect without one.
func (s *Stream) ContinueRequest() error { return abi.Continue(abi.Request).Err() }

// ContinueResponse ends a pause of the response.
func (s *Stream) ContinueResponse() error { return abi.Continue(abi.Response).Err() }

// Close ends the stream; its client sees it end.
func (s *Stream) Close() error { return abi.CloseStream(abi.Request).Err() }

// View shows b as a string without copying it. The string is valid as long as
// b is neither changed nor given back.
func View(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
