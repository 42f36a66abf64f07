package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// awaited is who waits for the call of an id, in its context. One whose stream
// has ended is given up.
func (g *guest) awaited(call uint32) (pendingRPC, bool) {
	abi.BeginCallback()
	p, ok := g.rpcs[call]
	if !ok {
		return p, false
	}
	if p.context != p.root.id {
		if _, ok = p.root.Enter(p.context); !ok {
			delete(g.rpcs, call)
			abi.GRPCCancel(call)
		}
	}
	return p, ok
}

// OnGRPCInitial brings the metadata of a stream's answer.
func (g *guest) OnGRPCInitial(root, call, count uint32) {
	if p, ok := g.awaited(call); ok && p.handler != nil {
		p.handler.OnMetadata(p.stream, Headers{abi.GRPCInitial})
	}
}

// OnGRPCReceive brings a message. It ends a call that is no stream.
func (g *guest) OnGRPCReceive(root, call, size uint32) {
	p, ok := g.awaited(call)
	if !ok {
		return
	}
	message, _ := abi.BufferGet(abi.GRPCMessage, 0, size)
	if p.handler != nil {
		p.handler.OnMessage(p.stream, message)
		return
	}
	delete(g.rpcs, call)
	p.done(&RPCAnswer{Message: message})
}

// OnGRPCTrailing brings the trailers of a stream's answer.
func (g *guest) OnGRPCTrailing(root, call, count uint32) {
	if p, ok := g.awaited(call); ok && p.handler != nil {
		p.handler.OnTrailers(p.stream, Headers{abi.GRPCTrailing})
	}
}

// OnGRPCClose brings the status that a call ended with.
func (g *guest) OnGRPCClose(root, call, status uint32) {
	p, ok := g.awaited(call)
	if !ok {
		return
	}
	delete(g.rpcs, call)
	_, text, _ := abi.CallStatus()
	if p.handler != nil {
		p.handler.OnClose(p.stream, status, string(text))
		return
	}
	p.done(&RPCAnswer{Status: status, Text: string(text)})
}
