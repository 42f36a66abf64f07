package filter

import (
	"errors"
	"time"

	"github.com/weirproxy/weir/core/stream"
)

// CallRequest is a request a filter makes. It belongs to the Caller from the
// moment Call returned nil.
type CallRequest struct {
	Cluster  string
	Head     *stream.RequestHead
	Body     []byte
	Trailers *stream.Headers // may be nil
	Timeout  time.Duration   // 0: none of its own, the Caller's maximum holds
	MaxBody  int64           // of the answer, bytes; longer is a failure

	Trace stream.TraceContext // that it is a part of, zero for none; its bytes are the Caller's
}

// CallResponse is the answer. On failure Head holds a local 503 or 504, as
// filters know it from Envoy; Reset means that the connection broke after
// the head.
type CallResponse struct {
	Head     *stream.ResponseHead
	Body     []byte
	Trailers *stream.Headers // may be nil
	Reset    bool
}

// The errors of Call.
var (
	ErrNoCluster  = errors.New("unknown cluster")
	ErrNoEndpoint = errors.New("no healthy endpoint")
)
