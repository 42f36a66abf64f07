package proxywasm

import (
	"errors"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/wasm"
)

// rpcFrame is what the guest may read in a callback of a gRPC call.
type rpcFrame struct {
	initial  *stream.ResponseHead
	trailing *stream.Headers
	message  []byte
}

// Head implements filter.StreamAnswer. A head that is all of the answer holds
// the trailers: there is no initial metadata then.
func (c *rpc) Head(h *stream.ResponseHead, end bool) {
	if end {
		c.head = h
		return
	}
	c.begun = true
	status := h.Status
	if status != 200 {
		h.Reset() // what it has belongs to a page: Envoy shows none of it
	}
	c.tell(func(i *instance) *wasm.Function { return i.fn.rpcInitial }, rpcFrame{initial: h}, countResponse(h))
	if status != 200 {
		c.end(nil, grpc.FromHTTP(status), nil)
		c.up.Cancel()
	}
}

// Body implements filter.StreamAnswer.
func (c *rpc) Body(b []byte) {
	c.frames.Feed(b)
	for !c.told {
		m, ok, err := c.frames.Next()
		switch {
		case errors.Is(err, grpc.ErrTooLong):
			c.end(nil, grpc.ResourceExhausted, nil)
		case err != nil:
			c.end(nil, grpc.Internal, nil)
		case !ok:
			return
		case c.unary:
			c.message = append(make([]byte, 0, len(m)), m...)
		default:
			c.tell(func(i *instance) *wasm.Function { return i.fn.rpcReceive }, rpcFrame{message: m}, len(m))
		}
	}
	c.up.Cancel()
}

// End implements filter.StreamAnswer.
func (c *rpc) End(trailers *stream.Headers, err error) {
	switch {
	case c.told:
	case err != nil:
		c.broken(err)
	case c.head != nil:
		c.only(c.head)
	default:
		code := grpc.StatusOf(trailers)
		if code == grpc.None || c.frames.Left() > 0 {
			code = grpc.Unknown
		}
		c.end(trailers, code, messageOf(trailers))
	}
}

// only ends the call by an answer that is a head alone.
func (c *rpc) only(h *stream.ResponseHead) {
	c.tell(func(i *instance) *wasm.Function { return i.fn.rpcInitial }, rpcFrame{initial: new(stream.ResponseHead)}, 0)
	code := grpc.StatusOf(&h.Headers)
	switch {
	case code == grpc.None && h.Status != 200:
		c.end(nil, grpc.FromHTTP(h.Status), nil)
	case code == grpc.None:
		c.end(fieldsOf(h), grpc.Unknown, nil)
	default:
		c.end(fieldsOf(h), code, messageOf(&h.Headers))
	}
}

// fieldsOf are the fields of a head, with its status, as trailers.
func fieldsOf(h *stream.ResponseHead) *stream.Headers {
	var d statusDigits
	list := new(stream.Headers)
	list.Add(raw(nameStatus), d.of(h.Status))
	for k := range h.Headers.Fields() {
		f := h.Headers.At(k)
		list.Add(f.Name, f.Value)
	}
	return list
}

// broken ends a call without an answer. Before its head, the guest is given
// what a proxy would answer to a client of gRPC.
func (c *rpc) broken(err error) {
	text := "upstream connect error or disconnect/reset before headers"
	switch fault.KindOf(err) {
	case fault.UpstreamTimeout, fault.ConnectTimeout:
		text = "upstream request timeout"
	}
	if c.begun {
		c.end(nil, grpc.Internal, nil)
		return
	}
	h := &stream.ResponseHead{Status: 200, Version: stream.HTTP11}
	h.Headers.AddString("content-type", grpc.ContentType)
	h.Headers.AddString("grpc-status", grpc.Unavailable.Text()) // of a time-out too, as in Envoy
	h.Headers.AddString("grpc-message", text)
	c.only(h)
}

func messageOf(h *stream.Headers) []byte {
	if h == nil {
		return nil
	}
	return unescaped(h.Peek("grpc-message"))
}

// end tells the guest how the call ended: a stream its trailers and status, a
// call its message or else the status.
func (c *rpc) end(trailers *stream.Headers, code grpc.Code, message []byte) {
	c.told = true
	if c.unary && code == grpc.OK && c.message == nil {
		code = grpc.Internal // the one message did not come
	}
	if c.unary && code == grpc.OK {
		c.last(func(i *instance) *wasm.Function { return i.fn.rpcReceive }, rpcFrame{message: c.message}, len(c.message))
		return
	}
	if !c.unary {
		if trailers == nil {
			trailers = new(stream.Headers)
		}
		c.tell(func(i *instance) *wasm.Function { return i.fn.rpcTrailing }, rpcFrame{trailing: trailers}, trailers.Len())
	}
	c.visit(func(c *rpc) { c.i.callCode, c.i.callText = uint32(code), string(message) })
	c.last(func(i *instance) *wasm.Function { return i.fn.rpcClose }, rpcFrame{}, int(code))
}

// tell makes a callback of a stream.
func (c *rpc) tell(which func(i *instance) *wasm.Function, f rpcFrame, n int) {
	if !c.unary {
		c.visit(func(c *rpc) { c.call(which(c.i), f, n) })
	}
}

// last is the callback after which there is none.
func (c *rpc) last(which func(i *instance) *wasm.Function, f rpcFrame, n int) {
	c.visit(func(c *rpc) {
		c.settle()
		c.call(which(c.i), f, n)
	})
}

// call makes a callback. The lane is locked.
func (c *rpc) call(f *wasm.Function, view rpcFrame, n int) {
	i := c.i
	if f == nil || c.root.gone {
		return
	}
	i.enter(kindRPC, target{root: c.root})
	i.frame.rpc = view
	i.in.Call(f, uint64(c.root.id), uint64(c.id), uint64(uint32(n))) // its failure ends the instance, which says so itself
	i.after(c.root)
}

// visit does something on the lane of a call that is still awaited. It waits
// until the stream that the call is for can be held, because the guest will
// want to touch it.
func (c *rpc) visit(do func(c *rpc)) {
	wait := firstRetry
	for tries := 0; !c.try(do, tries >= maxTries); tries++ {
		time.Sleep(wait)
		wait = min(2*wait, lastRetry)
	}
}

func (c *rpc) try(do func(c *rpc), force bool) bool {
	i := c.i
	lane := i.in.Lane()
	lane.Lock()
	defer lane.Unlock()
	if i.dead || i.rpcs[c.id] != c {
		return true
	}
	if p := i.partOf(c.context); p != nil && !i.hold(p) && !force {
		return false
	}
	defer i.leave()
	do(c)
	return true
}
