package rig

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/wasm"
)

// Call is an HTTP or gRPC call that a filter made.
type Call struct {
	Cluster  string
	Head     []Field // pseudo-headers first
	Body     string  // of gRPC: the messages, one behind the other
	Trailers []Field
	Timeout  time.Duration // 0: none
	Fits     bool          // there was a reply for it
}

// Reply is what comes of one.
type Reply struct {
	Status      int
	Message     // of gRPC: a piece of the body is a message
	Fail        Failure
	GRPCStatus  int
	GRPCMessage string
}

// caller answers calls by the rig's clock: filter.Caller.
type caller struct {
	clock *Clock
	reply func(*Call) *Reply // may answer nil
	tell  func(*Call)

	mu   sync.Mutex
	made []*Call
}

// maxCall bounds a call that has no time-out of its own, as in the proxy.
const maxCall = 5 * time.Minute

// Call takes note of a call and of when its answer is due.
func (c *caller) Call(r filter.CallRequest, done func(*filter.CallResponse)) (cancel func(), err error) {
	call := Call{Cluster: r.Cluster, Head: requestFields(r.Head), Body: string(r.Body), Timeout: r.Timeout}
	if r.Trailers != nil {
		call.Trailers = fieldsOf(nil, r.Trailers)
	}
	c.mu.Lock()
	reply := c.reply(&call)
	call.Fits = reply != nil
	c.made = append(c.made, &call)
	c.mu.Unlock()
	if c.tell != nil {
		c.tell(&call)
	}
	if reply == nil {
		reply = &Reply{Fail: FailConnect}
	}
	timeout := r.Timeout
	if timeout <= 0 || timeout > maxCall {
		timeout = maxCall
	}
	answer, wait := answerTo(reply), reply.Delay
	if reply.Fail == FailTimeout || wait > timeout {
		answer, wait = failed(504, "upstream request timeout"), timeout
	}
	var timer wasm.Timer = c.clock.AfterFunc(wait, func() { done(answer) })
	return func() { timer.Stop() }, nil
}

// Calls are those from one on, by how many were made before.
func (c *caller) calls(from int) []Call {
	c.mu.Lock()
	defer c.mu.Unlock()
	var some []Call
	for _, k := range c.made[min(from, len(c.made)):] {
		some = append(some, *k)
	}
	return some
}

func (c *caller) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.made)
}

func (c *caller) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made = nil
}

func answerTo(r *Reply) *filter.CallResponse {
	switch r.Fail {
	case FailConnect:
		return failed(503, "upstream connect error or disconnect/reset before headers")
	case FailReset:
		return &filter.CallResponse{Reset: true}
	}
	a := &filter.CallResponse{
		Head: &stream.ResponseHead{Status: r.Status, Version: stream.HTTP11},
		Body: bytes.Join(r.Body, nil),
	}
	add(&a.Head.Headers, r.Fields)
	if len(r.Trailers) > 0 {
		a.Trailers = new(stream.Headers)
		add(a.Trailers, r.Trailers)
	}
	return a
}

// failed is the local response that filters know from Envoy.
func failed(status int, body string) *filter.CallResponse {
	head := &stream.ResponseHead{Status: status, Version: stream.HTTP11}
	head.Headers.AddString("content-type", "text/plain")
	return &filter.CallResponse{Head: head, Body: []byte(body)}
}

// String is a call in one line.
func (c *Call) String() string {
	get := func(name string) string {
		if v := All(c.Head, name); len(v) > 0 {
			return v[0]
		}
		return ""
	}
	return fmt.Sprintf("%s %s of cluster %q", get(":method"), get(":path"), c.Cluster)
}
