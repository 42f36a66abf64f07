// Package stream holds the data of one request and its response: heads,
// header lists, body buffers and the facts around them. It is the bottom of
// the tree: codecs fill it, filters change it, and nothing in it does I/O.
//
// Start at [RequestHead], [ResponseHead] and [Buffer].
package stream

// Version is the protocol version of a message.
type Version uint8

// The versions that Weir speaks.
const (
	HTTP10 Version = iota + 1
	HTTP11
	HTTP2
	TCP // bytes, whatever they mean
)

// String is the form of the request line and of access logs.
func (v Version) String() string {
	switch v {
	case HTTP10:
		return "HTTP/1.0"
	case HTTP2:
		return "HTTP/2"
	case TCP:
		return "TCP"
	}
	return "HTTP/1.1"
}

// RequestHead is the head of a request. Host is not among the headers: it is
// Authority.
type RequestHead struct {
	Method    []byte
	Scheme    []byte // "http" or "https"
	Authority []byte
	Path      []byte // the request target in origin form, with its query
	Version   Version
	Headers   Headers
}

// Reset empties the head and keeps its memory.
func (r *RequestHead) Reset() {
	r.Method, r.Scheme, r.Authority, r.Path, r.Version = nil, nil, nil, nil, 0
	r.Headers.Reset()
}

// ResponseHead is the head of a response.
type ResponseHead struct {
	Status  int
	Version Version
	Headers Headers
}

// Reset empties the head and keeps its memory.
func (r *ResponseHead) Reset() {
	r.Status, r.Version = 0, 0
	r.Headers.Reset()
}
