package sdk

import (
	"time"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// RPC is a gRPC call to a cluster that the filter may reach. Messages are the
// bytes of protocol buffers, or whatever the service speaks.
type RPC struct {
	Cluster         string
	Service, Method string // "shop.Auth", "Check"
	Metadata        []Field
	Message         string        // of [Stream.RPC]
	Timeout         time.Duration // of [Stream.RPC]; 0: the host's
}

// RPCAnswer is what came of a call: a message, or a status that is not 0. It is
// readable until the function that gets it returns.
type RPCAnswer struct {
	Status  uint32 // of gRPC
	Text    string // of the status
	Message []byte
}

// RPCHandler gets what comes of an [RPCStream], in this order: metadata once,
// messages, trailers once, the end. What it is given is readable until it
// returns.
type RPCHandler interface {
	OnMetadata(st *RPCStream, h Headers)
	OnMessage(st *RPCStream, message []byte)
	OnTrailers(st *RPCStream, h Headers)
	OnClose(st *RPCStream, status uint32, text string)
}

// RPCStream is a call with messages both ways.
type RPCStream struct{ id uint32 }

// Send sends a message; end says that it is the last.
func (st *RPCStream) Send(message string, end bool) error {
	return abi.GRPCSend(st.id, message, end).Err()
}

// Close says that no message follows. Answers still come.
func (st *RPCStream) Close() error { return abi.GRPCClose(st.id).Err() }

// Cancel gives the call up: its handler is not called again.
func (st *RPCStream) Cancel() error { return abi.GRPCCancel(st.id).Err() }

// RPC begins a call with one message each way. done is called later, in the
// stream's context, unless the stream has ended. Pause to wait for it.
func (s *Stream) RPC(c RPC, done func(a *RPCAnswer)) error { return s.root.rpc(s.id, c, done) }

// RPC begins a call on behalf of the plugin.
func (r *Root) RPC(c RPC, done func(a *RPCAnswer)) error { return r.rpc(r.id, c, done) }

// OpenRPC begins a call with messages both ways. When the stream has ended, the
// call is given up with the next that comes of it.
func (s *Stream) OpenRPC(c RPC, h RPCHandler) (*RPCStream, error) { return s.root.openRPC(s.id, c, h) }

// OpenRPC begins a call with messages both ways on behalf of the plugin.
func (r *Root) OpenRPC(c RPC, h RPCHandler) (*RPCStream, error) { return r.openRPC(r.id, c, h) }

// pendingRPC is who waits for what comes of a call.
type pendingRPC struct {
	root    *Root
	context uint32 // a stream's, or the root's own
	done    func(a *RPCAnswer)
	stream  *RPCStream
	handler RPCHandler
}

func (r *Root) rpc(context uint32, c RPC, done func(a *RPCAnswer)) error {
	scratch = appendPairs(scratch[:0], c.Metadata)
	id, s := abi.GRPCCall(c.Cluster, c.Service, c.Method, scratch, c.Message, uint32(c.Timeout/time.Millisecond))
	if s == abi.OK {
		r.await(id, pendingRPC{root: r, context: context, done: done})
	}
	return s.Err()
}

func (r *Root) openRPC(context uint32, c RPC, h RPCHandler) (*RPCStream, error) {
	scratch = appendPairs(scratch[:0], c.Metadata)
	id, s := abi.GRPCStream(c.Cluster, c.Service, c.Method, scratch)
	if s != abi.OK {
		return nil, s.Err()
	}
	st := &RPCStream{id}
	r.await(id, pendingRPC{root: r, context: context, stream: st, handler: h})
	return st, nil
}

func (r *Root) await(id uint32, p pendingRPC) {
	if r.guest.rpcs == nil {
		r.guest.rpcs = make(map[uint32]pendingRPC)
	}
	r.guest.rpcs[id] = p
}
