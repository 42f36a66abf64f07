package sdk

import (
	"time"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// Call is an HTTP request to a cluster that the filter may reach.
type Call struct {
	Cluster  string
	Headers  []Field // ":method", ":path" and ":authority" must be there
	Body     string
	Trailers []Field
	Timeout  time.Duration // 0: the host's
}

// CallResponse is the answer to a Call, readable until the function that gets
// it returns. A host answers for an upstream that does not: with a status of 503
// or 504, or with Failed.
type CallResponse struct {
	Failed bool // there is no head
}

// Headers is the answer's head.
func (r *CallResponse) Headers() Headers { return Headers{abi.HTTPCallHeaders} }

// Trailers are the answer's.
func (r *CallResponse) Trailers() Headers { return Headers{abi.HTTPCallTrailers} }

// Body is the whole of the answer's.
func (r *CallResponse) Body() ([]byte, error) { return Body{abi.HTTPCallBody}.Bytes() }

// Status is the answer's status, 0 when Failed.
func (r *CallResponse) Status() int {
	v, _ := r.Headers().Get(":status")
	n := 0
	for _, c := range v {
		n = n*10 + int(c-'0')
	}
	return n
}

// Call begins a call. done is called with the answer, later, in the stream's
// context, unless the stream has ended. With a nil done the stream's
// [HTTPCallHandler] is called. Pause to wait for it.
func (s *Stream) Call(c Call, done func(r *CallResponse)) (id uint32, err error) {
	return s.root.call(s.id, c, done)
}

// Call begins a call on behalf of the plugin.
func (r *Root) Call(c Call, done func(r *CallResponse)) (id uint32, err error) {
	return r.call(r.id, c, done)
}

func (r *Root) call(context uint32, c Call, done func(r *CallResponse)) (uint32, error) {
	g := r.guest
	scratch = appendPairs(scratch[:0], c.Headers)
	heads := len(scratch)
	if len(c.Trailers) > 0 {
		scratch = appendPairs(scratch, c.Trailers)
	}
	id, s := abi.Call(c.Cluster, scratch[:heads], c.Body, scratch[heads:], uint32(c.Timeout/time.Millisecond))
	if s != abi.OK {
		return 0, s.Err()
	}
	if g.pending == nil {
		g.pending = make(map[uint32]pendingCall)
	}
	g.pending[id] = pendingCall{r, context, done}
	return id, nil
}

// pendingCall is who waits for an answer.
type pendingCall struct {
	root    *Root
	context uint32 // a stream's, or the root's own
	done    func(r *CallResponse)
}
