package sdktest

import (
	"slices"
	"strings"
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/abi"
)

// RPC is a gRPC call, or a stream of messages, that the filter has made and that
// has not ended.
type RPC struct {
	Cluster, Service, Method string
	Metadata                 []sdk.Field
	Stream                   bool
	Sent                     []string // messages
	Ended                    bool     // the filter sends no more
	Timeout                  time.Duration

	host     *Host
	id       uint32
	initial  fields // what the running callback can read
	trailing fields
	message  []byte
	text     string
	status   uint32
}

// RPCs are those that have not ended, in the order of their making.
func (h *Host) RPCs() []*RPC { return slices.Clone(h.rpcs) }

// Ids tell calls from streams, as the hosts' do.
const (
	rpcCall   = 1
	rpcStream = 2
	rpcStep   = 4
)

// GRPCCall notes a call with one message each way.
func (h *Host) GRPCCall(cluster, service, method string, metadata []byte, message string, milliseconds uint32) (uint32, abi.Status) {
	c, s := h.beginRPC(cluster, service, method, metadata, rpcCall)
	if s != abi.OK {
		return 0, s
	}
	c.Sent, c.Ended, c.Timeout = []string{strings.Clone(message)}, true, time.Duration(milliseconds)*time.Millisecond
	return c.id, abi.OK
}

// GRPCStream notes a call with messages both ways.
func (h *Host) GRPCStream(cluster, service, method string, metadata []byte) (uint32, abi.Status) {
	c, s := h.beginRPC(cluster, service, method, metadata, rpcStream)
	if s != abi.OK {
		return 0, s
	}
	c.Stream = true
	return c.id, abi.OK
}

func (h *Host) beginRPC(cluster, service, method string, metadata []byte, kind uint32) (*RPC, abi.Status) {
	list, ok := parsePairs(metadata)
	switch {
	case !ok:
		return nil, abi.BadArgument
	case !slices.Contains(h.o.Calls, cluster):
		return nil, abi.ParseFailure
	}
	h.lastRPC += rpcStep
	c := &RPC{Cluster: strings.Clone(cluster), Service: strings.Clone(service), Method: strings.Clone(method), Metadata: list, host: h, id: h.lastRPC | kind}
	h.rpcs = append(h.rpcs, c)
	return c, abi.OK
}

// findRPC is the call of an id, which is of one of the kinds.
func (h *Host) findRPC(id uint32, kinds ...uint32) (*RPC, abi.Status) {
	if !slices.Contains(kinds, id&(rpcStep-1)) {
		return nil, abi.BadArgument
	}
	for _, c := range h.rpcs {
		if c.id == id {
			return c, abi.OK
		}
	}
	return nil, abi.NotFound
}

// GRPCSend notes a message.
func (h *Host) GRPCSend(id uint32, message string, end bool) abi.Status {
	c, s := h.findRPC(id, rpcStream)
	switch {
	case s != abi.OK:
		return s
	case c.Ended:
		return abi.BadArgument
	}
	c.Sent, c.Ended = append(c.Sent, strings.Clone(message)), end
	return abi.OK
}

// GRPCClose notes that no message follows; a call is given up.
func (h *Host) GRPCClose(id uint32) abi.Status {
	c, s := h.findRPC(id, rpcCall, rpcStream)
	if s == abi.OK && !c.Stream {
		h.endRPC(c)
	} else if s == abi.OK {
		c.Ended = true
	}
	return s
}

// GRPCCancel forgets a call.
func (h *Host) GRPCCancel(id uint32) abi.Status {
	c, s := h.findRPC(id, rpcCall, rpcStream)
	if s == abi.OK {
		h.endRPC(c)
	}
	return s
}

func (h *Host) endRPC(c *RPC) bool {
	at := slices.Index(h.rpcs, c)
	if at >= 0 {
		h.rpcs = slices.Delete(h.rpcs, at, at+1)
	}
	return at >= 0
}

// Receive brings the metadata of a stream's answer.
func (c *RPC) Receive(metadata ...sdk.Field) {
	c.initial.reset()
	for _, f := range metadata {
		c.initial.add(f.Name, f.Value)
	}
	c.deliver(false, func() { c.host.guest.OnGRPCInitial(root, c.id, uint32(len(c.initial))) })
	c.initial.reset()
}

// Message brings a message: the answer to a call, or one of a stream.
func (c *RPC) Message(message string) {
	c.message = []byte(message)
	c.deliver(!c.Stream, func() { c.host.guest.OnGRPCReceive(root, c.id, uint32(len(c.message))) })
	c.message = nil
}

// Close brings the end: of a stream any status, of a call one that is not 0.
func (c *RPC) Close(status uint32, text string, trailers ...sdk.Field) {
	if c.Stream {
		for _, f := range trailers {
			c.trailing.add(f.Name, f.Value)
		}
		c.deliver(false, func() { c.host.guest.OnGRPCTrailing(root, c.id, uint32(len(c.trailing))) })
		if !slices.Contains(c.host.rpcs, c) {
			return // the filter has given it up meanwhile
		}
	}
	c.trailing.reset()
	c.status, c.text = status, text
	c.deliver(true, func() { c.host.guest.OnGRPCClose(root, c.id, status) })
}

func (c *RPC) deliver(last bool, do func()) {
	h := c.host
	if !slices.Contains(h.rpcs, c) {
		h.t.Errorf("the call of %s/%s has ended", c.Service, c.Method)
		return
	}
	if last {
		h.endRPC(c)
	}
	h.rpc = c
	h.callback(nil, callAnswer, do)
	h.rpc = nil
	h.settle()
}
