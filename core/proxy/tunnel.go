package proxy

import (
	"runtime/debug"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/pump"
)

// switchProtocols passes a 101 on, after the filters saw its head, and makes
// the two connections one tunnel until both halves have ended.
func (x *exchange) switchProtocols() chain.Verdict {
	v := x.st.Head(filter.Response, true)
	for v == chain.Held {
		v = x.pause(filter.Response)
	}
	if v != chain.Passed {
		x.abandon(nil)
		return v
	}
	x.st.Take(filter.Response)
	x.st.Sent(filter.Response)
	head := x.st.ResponseHead()
	if head.Status != 101 { // a filter turned it into something that is no tunnel
		x.abandon(nil)
		return x.fault(errTunnelStatus)
	}
	if err := x.down.WriteUpgrade(head); err != nil {
		x.abandon(nil)
		return x.fault(fault.New(fault.ClientGone, "sending 101", err))
	}
	client := x.down.Tunnel()
	sent, received := x.tunnel(client, x.upstream.Tunnel())
	info := x.st.Info()
	info.RequestBytes += received
	info.ResponseBytes += sent
	x.endTry(nil)
	x.endpoint.Done(false)
	x.spent, x.upstream = spent{x.endpoint, x.upstream, false}, nil
	_ = client.Close()
	return chain.Passed
}

var errTunnelStatus = fault.New(fault.Unknown, "switching protocols: a filter changed the status 101", nil)

// tunnel carries bytes both ways until both have ended, or neither has moved one
// for the side's bound. sent is what went to the client.
func (x *exchange) tunnel(client, upstream http1.Tunnel) (sent, received int64) {
	p := &pump.Pair{
		Client: client, Upstream: upstream, Idle: x.side.Tunnel, Now: x.proxy.reaper.Now, Buffers: http1.Buffers(tunnelBuffer),
		Panicked: func(v any) {
			x.proxy.log.Error("panic while carrying a tunnel", "panic", v, "stack", string(debug.Stack()))
		},
	}
	x.st.Idle(filter.Response, cutter{x, p})
	p.Carry(client.Surplus(), upstream.Surplus())
	x.st.Busy(filter.Response)
	return p.Moved()
}

// cutter ends a tunnel whose client is gone, though its upstream may have more to
// say or never end. What else is noted for the stream is of no interest any more.
type cutter struct {
	x *exchange
	p *pump.Pair
}

func (c cutter) Interrupt() {
	if c.x.conn.gone.Load() {
		c.p.Fail(nil, errGone)
	}
}

// tunnelBuffer is what one direction holds while bytes are in it, in bytes.
const tunnelBuffer = 16 << 10
