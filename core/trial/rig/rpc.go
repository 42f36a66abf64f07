package rig

import (
	"strconv"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/wasm"
)

// rpc is a gRPC call under way: filter.StreamCall. The caller's lock guards it.
type rpc struct {
	c     *caller
	call  *Call
	to    filter.StreamAnswer
	timer wasm.Timer // of what comes next
	ended bool       // nothing more is sent
	over  bool       // cancelled, or answered
}

// Stream takes note of a gRPC call. What answers it is found when the callback
// that made it has returned: a filter opens a stream first, and sends then.
func (c *caller) Stream(r filter.StreamRequest, to filter.StreamAnswer) (filter.StreamCall, error) {
	k := &rpc{c: c, to: to, ended: r.End}
	k.call = &Call{Cluster: r.Cluster, Head: requestFields(r.Head), Timeout: r.Timeout}
	c.mu.Lock()
	defer c.mu.Unlock()
	k.note(r.Body)
	c.made = append(c.made, k.call)
	k.timer = c.clock.AfterFunc(0, k.find)
	return k, nil
}

// frameHead is what stands before a message, in bytes.
const frameHead = 5

// note keeps a message without its frame.
func (k *rpc) note(framed []byte) {
	if len(framed) > frameHead {
		k.call.Body += string(framed[frameHead:])
	}
}

// Send implements filter.StreamCall.
func (k *rpc) Send(b []byte, end bool) bool {
	k.c.mu.Lock()
	defer k.c.mu.Unlock()
	if k.ended || k.over {
		return false
	}
	k.note(b)
	k.ended = end
	return true
}

// Cancel implements filter.StreamCall.
func (k *rpc) Cancel() {
	k.c.mu.Lock()
	defer k.c.mu.Unlock()
	k.over = true
	k.timer.Stop()
}

// find looks for the answer, and waits until it is due.
func (k *rpc) find() {
	c := k.c
	c.mu.Lock()
	reply := c.reply(k.call)
	k.call.Fits = reply != nil
	c.mu.Unlock()
	if c.tell != nil {
		c.tell(k.call)
	}
	if reply == nil {
		reply = &Reply{Fail: FailConnect}
	}
	late := k.call.Timeout > 0 && reply.Delay > k.call.Timeout
	switch {
	case reply.Fail != FailTimeout && !late:
		k.after(reply.Delay, func() { k.answer(reply) })
	case k.call.Timeout > 0:
		k.after(k.call.Timeout, func() { k.to.End(nil, fault.New(fault.UpstreamTimeout, "waiting for the upstream", nil)) })
	}
}

// after does what ends the call.
func (k *rpc) after(d time.Duration, do func()) {
	k.c.mu.Lock()
	defer k.c.mu.Unlock()
	if k.over {
		return
	}
	k.timer = k.c.clock.AfterFunc(d, func() {
		if k.still() {
			do()
		}
		k.c.mu.Lock()
		k.over = true
		k.c.mu.Unlock()
	})
}

// still says whether anybody waits for more of the answer.
func (k *rpc) still() bool {
	k.c.mu.Lock()
	defer k.c.mu.Unlock()
	return !k.over
}

// answer tells the reply, as a server of gRPC would.
func (k *rpc) answer(r *Reply) {
	if r.Fail == FailConnect {
		k.to.End(nil, fault.New(fault.Connect, "connecting to the upstream", nil))
		return
	}
	head := &stream.ResponseHead{Status: r.Status, Version: stream.HTTP2}
	head.Headers.AddString("content-type", "application/grpc")
	add(&head.Headers, r.Fields)
	end := new(stream.Headers)
	end.AddString("grpc-status", strconv.Itoa(r.GRPCStatus))
	if r.GRPCMessage != "" {
		end.AddString("grpc-message", r.GRPCMessage)
	}
	add(end, r.Trailers)
	if len(r.Body) == 0 && r.Fail == "" { // a head is all there is
		if r.Status == 200 {
			for _, f := range end.Fields() {
				head.Headers.Add(f.Name, f.Value)
			}
		}
		k.to.Head(head, true)
		if k.still() {
			k.to.End(nil, nil)
		}
		return
	}
	k.to.Head(head, false)
	for _, message := range r.Body {
		if k.still() {
			k.to.Body(grpc.AppendFrame(nil, message))
		}
	}
	var broken error
	if r.Fail == FailReset {
		end, broken = nil, fault.New(fault.UpstreamReset, "reading from the upstream", nil)
	}
	if k.still() {
		k.to.End(end, broken)
	}
}
