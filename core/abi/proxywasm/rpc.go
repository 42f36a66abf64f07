package proxywasm

import (
	"bytes"
	"errors"
	"time"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
)

// rpc is a gRPC call or stream of a guest under way. The lane of its instance
// guards it, but for what only the goroutine of its answer uses.
type rpc struct {
	i       *instance
	id      uint32
	root    *rootInstance
	context uint32 // the stream's that made it, 0 for the root
	unary   bool
	up      filter.StreamCall
	cluster string
	closed  bool // the guest has sent its last message

	// Of the answer's goroutine.
	frames  grpc.Frames
	head    *stream.ResponseHead // of an answer that has nothing else
	begun   bool                 // there was a head, with more to come
	message []byte               // of a unary call
	told    bool                 // the guest knows how it ended
}

// The low bits of an id tell what it is of, as in Envoy, whose statuses depend
// on that.
const (
	rpcKinds      = 3
	rpcKindCall   = 1
	rpcKindStream = 2
	rpcStep       = 4
)

// grpcCall is proxy_grpc_call(upstream, size, service, size, method, size,
// metadata, size, message, size, milliseconds, &id).
func (i *instance) grpcCall(a []uint64) status {
	message, ok := i.view(a[8], a[9])
	if !ok {
		return statusInvalidMemory
	}
	return i.beginRPC(a, rpcKindCall, a[11], func(r *filter.StreamRequest) {
		r.Timeout = time.Duration(uint32(a[10])) * time.Millisecond
		if r.Timeout == 0 || r.Timeout > maxUnary {
			r.Timeout = maxUnary
		}
		r.Head.Headers.Add(raw("grpc-timeout"), grpcTimeout(r.Timeout))
		r.Body, r.End = grpc.AppendFrame(nil, message), true
	})
}

// maxUnary bounds a call that has no time-out of its own.
const maxUnary = 5 * time.Minute

// grpcStream is proxy_grpc_stream(upstream, size, service, size, method, size,
// metadata, size, &id).
func (i *instance) grpcStream(a []uint64) status {
	return i.beginRPC(a, rpcKindStream, a[8], func(*filter.StreamRequest) {})
}

// beginRPC reads what the functions that begin have in common, and begins.
func (i *instance) beginRPC(a []uint64, kind uint32, ptr uint64, finish func(r *filter.StreamRequest)) status {
	upstream, ok1 := i.view(a[0], a[1])
	service, ok2 := i.view(a[2], a[3])
	method, ok3 := i.view(a[4], a[5])
	metadata, ok4 := i.view(a[6], a[7])
	id := i.nextRPC + rpcStep | kind
	if !ok1 || !ok2 || !ok3 || !ok4 || !i.putUint32(ptr, id) {
		return statusInvalidMemory
	}
	to, ok := rpcTargetOf(upstream)
	ri := i.frame.at.root
	switch {
	case !ok:
		return statusParseFailure
	case ri == nil:
		return statusBadArgument
	case ri.root.callable(raw(to.cluster)) == "":
		i.writeLog(levelHost, []byte("calling cluster "+quoted(raw(to.cluster))+": it is not among the filter's calls"))
		return statusParseFailure
	}
	r := filter.StreamRequest{Cluster: to.cluster}
	var s status
	if r.Head, s = i.rpcHead(&to, service, method, metadata); s != statusOK {
		return s
	}
	finish(&r)
	i.in.Charge(int64(len(r.Body)) / bytesPerUnit)
	c := &rpc{i: i, id: id, root: ri, unary: kind == rpcKindCall, cluster: to.cluster, closed: r.End}
	c.frames.Max = maxAnswer
	return c.begin(r)
}

// begin starts the call, within what may be in flight. It is counted with the
// HTTP calls.
func (c *rpc) begin(r filter.StreamRequest) status {
	i, ri := c.i, c.root
	h, p := i.vm.host, i.frame.at.part
	full := ri.calls >= maxRootCalls
	if p != nil {
		c.context = p.id
		full = p.group.calls >= ri.root.spec.MaxCalls
	}
	if h.Caller == nil || full || h.calls.Load() >= maxCallsInFlight {
		return statusInternalFailure
	}
	r.Trace = i.trace()
	up, err := h.Caller.Stream(r, c) // its answer waits for the lane
	switch {
	case errors.Is(err, filter.ErrNoCluster):
		return statusParseFailure
	case err != nil:
		return statusInternalFailure
	}
	c.up = up
	if i.rpcs == nil {
		i.rpcs = make(map[uint32]*rpc)
	}
	i.rpcs[c.id] = c
	i.nextRPC += rpcStep
	ri.root.counts.calls.Add(1)
	h.calls.Add(1)
	if p != nil {
		p.group.calls++
		p.waits++
	} else {
		ri.calls++
	}
	return statusOK
}

// settle takes a call off the books.
func (c *rpc) settle() {
	i := c.i
	if i.rpcs[c.id] != c {
		return
	}
	delete(i.rpcs, c.id)
	i.vm.host.calls.Add(-1)
	if c.context == 0 {
		c.root.calls--
	} else if e := i.contexts.find(c.context); e != nil && e.part != nil {
		e.part.group.calls--
		e.part.waits--
	}
}

// drop ends a call that nobody waits for any more.
func (c *rpc) drop() {
	c.settle()
	c.up.Cancel()
}

// dropRPCs ends those of a root, or all with nil.
func (i *instance) dropRPCs(of *rootInstance) {
	for _, c := range i.rpcs {
		if of == nil || c.root == of {
			c.drop()
		}
	}
}

// findRPC is the call of an id that is of one of the kinds.
func (i *instance) findRPC(id uint32, kinds ...uint32) (*rpc, status) {
	for _, kind := range kinds {
		if id&rpcKinds == kind {
			if c := i.rpcs[id]; c != nil {
				return c, statusOK
			}
			return nil, statusNotFound
		}
	}
	return nil, statusBadArgument
}

// grpcSend is proxy_grpc_send(id, message, size, end).
func (i *instance) grpcSend(a []uint64) status {
	message, ok := i.view(a[1], a[2])
	if !ok {
		return statusInvalidMemory
	}
	c, s := i.findRPC(uint32(a[0]), rpcKindStream)
	if s != statusOK {
		return s
	}
	i.in.Charge(int64(len(message)) / bytesPerUnit)
	end := uint32(a[3]) != 0
	if c.closed || !c.up.Send(grpc.AppendFrame(nil, message), end) {
		return statusBadArgument
	}
	c.closed = end
	return statusOK
}

// grpcClose is proxy_grpc_close(id): nothing more is sent. The answer of a
// stream still comes; a call is given up.
func (i *instance) grpcClose(a []uint64) status {
	c, s := i.findRPC(uint32(a[0]), rpcKindCall, rpcKindStream)
	switch {
	case s != statusOK:
	case c.unary:
		c.drop()
	case !c.closed:
		c.closed = true
		c.up.Send(nil, true)
	}
	return s
}

// grpcCancel is proxy_grpc_cancel(id): no callback follows.
func (i *instance) grpcCancel(a []uint64) status {
	c, s := i.findRPC(uint32(a[0]), rpcKindCall, rpcKindStream)
	if s == statusOK {
		c.drop()
	}
	return s
}

// rpcHead makes the head of a call's request.
func (i *instance) rpcHead(to *rpcTarget, service, method, metadata []byte) (*stream.RequestHead, status) {
	if !i.decode(metadata) {
		return nil, statusBadArgument
	}
	path := append(append(append([]byte("/"), service...), '/'), method...)
	h := &stream.RequestHead{
		Method: []byte("POST"), Path: path, Authority: []byte(to.authority), Scheme: []byte("http"), Version: stream.HTTP11,
	}
	if !validPseudo(namePath, path) || !validPseudo(nameAuthority, h.Authority) {
		return nil, statusInternalFailure
	}
	h.Headers.AddString("te", "trailers")
	h.Headers.AddString("content-type", grpc.ContentType)
	for _, p := range append(to.metadata, i.pairs...) {
		name := bytes.ToLower(p.key)
		if !stream.ValidName(name) || !stream.ValidValue(p.value) || len(name) == 0 || name[0] == ':' {
			return nil, statusInternalFailure
		}
		h.Headers.Add(name, p.value)
	}
	return h, statusOK
}
