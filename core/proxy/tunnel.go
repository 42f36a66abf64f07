package proxy

import (
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
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
	x.st.Idle(filter.Response, deaf{})
	sent, received := x.tunnel(client, x.upstream.Tunnel())
	x.st.Busy(filter.Response)
	info := x.st.Info()
	info.RequestBytes += received
	info.ResponseBytes += sent
	x.endpoint.Done(false)
	x.endpoint.Discard(x.upstream)
	x.upstream = nil
	_ = client.Close()
	return chain.Passed
}

var errTunnelStatus = fault.New(fault.Unknown, "switching protocols: a filter changed the status 101", nil)

// tunnel is the two directions of a connection that has left HTTP.
type tunnel struct {
	idle  time.Duration
	moved atomic.Int64 // when a byte went either way, coarse time
	now   func() int64
}

// tunnel copies both ways until both have ended, or neither has moved a byte
// for the side's bound. sent is what went to the client.
func (x *exchange) tunnel(client, upstream http1.Tunnel) (sent, received int64) {
	t := &tunnel{idle: x.side.Tunnel, now: x.proxy.reaper.Now}
	t.moved.Store(t.now())
	log := x.proxy.log
	done := make(chan int64, 1)
	go func() {
		n := int64(0)
		defer func() { done <- n }()
		defer contain(log, "carrying a tunnel", func() { _ = client.Close() })
		n = t.pump(upstream, client)
	}()
	received = t.pump(client, upstream)
	return <-done, received
}

// tunnelBuffer is what one direction holds, in bytes.
const tunnelBuffer = 16 << 10

// pump copies one direction to its end, and passes the end on. A failure ends
// the other direction too.
func (t *tunnel) pump(from, to http1.Tunnel) (n int64) {
	rest := from.Surplus()
	b := make([]byte, tunnelBuffer)
	for {
		if len(rest) > 0 {
			to.ArmWrite(t.idle)
			if err := to.WriteVec(rest, nil, nil); err != nil {
				_ = from.Close()
				return n
			}
			n += int64(len(rest))
			t.moved.Store(t.now())
		}
		k, err := t.read(from, b)
		if err != nil {
			if !isEOF(err) || to.CloseWrite() != nil {
				_ = to.Close()
				_ = from.Close()
			}
			return n
		}
		rest = b[:k]
	}
}

// read waits for bytes as long as the tunnel is not idle both ways.
func (t *tunnel) read(c http1.Tunnel, b []byte) (int, error) {
	for {
		c.ArmRead(t.idle)
		n, err := c.Read(b)
		if err == sock.ErrInterrupted || err == sock.ErrTimeout && t.now()-t.moved.Load() < int64(t.idle) {
			continue
		}
		return n, err
	}
}
