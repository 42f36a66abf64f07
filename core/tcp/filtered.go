package tcp

import (
	"errors"
	"io"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/pump"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// flow is the two directions of a connection that has filters. The chain's lock
// guards it.
type flow struct {
	half [2]half
	stop bool             // the connection is over: nobody waits any more
	last filter.Direction // the half that ended last
	lost bool             // a panic has left the stream in a state that nobody knows
}

// half is one of them.
type half struct {
	fed bool    // it was read to its end
	buf *[]byte // that holds what was fed last
	own []byte
}

// side is a connection that a direction reads, or writes.
type side interface {
	pump.End
	Interrupt()
}

// filter carries the connection through the chain: its head, the connection
// itself, opens the way to the upstream.
func (c *Conn) filter() {
	c.begun = true
	var answered chan struct{} // closed when the upstream's half is over
	c.contain(func() {
		c.st.Begin(c.Service.Chain, c)
		out, ok := c.open()
		if !ok {
			return
		}
		answered = make(chan struct{})
		go c.answer(answered)
		if c.pass(filter.Request, out, c.upstream) {
			c.carry(filter.Request, c.Client, c.upstream)
		}
	})
	if answered != nil {
		c.st.Unlock()
		<-answered
		c.st.Lock()
	}
	for d := range c.flow.half {
		c.giveBack(filter.Direction(d))
	}
}

// open lets the connection pass the filters, and connects to the upstream. What of the
// client's bytes has passed by then comes with it.
func (c *Conn) open() (out chain.Out, ok bool) {
	out, v := c.admit()
	if v > chain.Held {
		c.stopped(v)
		return out, false
	}
	c.st.Sent(filter.Request)
	if err := c.reach(); err != nil {
		c.fail(err)
		return out, false
	}
	if v = c.st.Head(filter.Response, false); v > chain.Held {
		c.stopped(v)
		return out, false
	}
	c.st.Take(filter.Response)
	return out, true
}

// admit runs the callback of a new connection, and waits for the filters that hold
// it. What they are shown meanwhile of the client's bytes comes with it.
func (c *Conn) admit() (chain.Out, chain.Verdict) {
	c.patience.Store(c.Reaper.Now() + int64(c.Service.Pause))
	defer c.patience.Store(0)
	v := c.st.Head(filter.Request, false)
	for v <= chain.Held {
		if out := c.st.Take(filter.Request); out.Head {
			return out, chain.Passed
		}
		v = c.more(filter.Request, c.Client)
	}
	return chain.Out{}, v
}

// answer carries the upstream's half, on a goroutine of its own.
func (c *Conn) answer(done chan struct{}) {
	defer close(done)
	c.st.Lock()
	defer c.st.Unlock()
	c.contain(func() { c.carry(filter.Response, c.upstream, c.Client) })
}

// carry carries one half to its end.
func (c *Conn) carry(d filter.Direction, from, to side) {
	for !c.flow.stop {
		if v := c.more(d, from); v > chain.Held {
			c.stopped(v)
			return
		}
		if out := c.st.Take(d); !c.pass(d, out, to) || out.End {
			return
		}
	}
}

// more reads a piece and gives it to the filters, or waits for one that holds all.
func (c *Conn) more(d filter.Direction, from side) chain.Verdict {
	h := &c.flow.half[d]
	c.giveBack(d)
	if h.fed || !c.st.Feedable(d) {
		return c.pause(d)
	}
	buf, n, err := c.read(d, from)
	switch {
	case c.flow.stop:
	case err == nil:
		h.buf = buf
		return c.st.Feed(d, (*buf)[:n], false)
	case err == sock.ErrInterrupted:
		return c.st.Flow(d)
	case errors.Is(err, io.EOF):
		h.fed, c.flow.last = true, d
		return c.st.Feed(d, nil, true)
	default:
		c.broken(from, err)
	}
	if buf != nil && buf != &h.own {
		c.pair.Buffers.Put(buf)
	}
	return chain.Cut
}

// giveBack returns the buffer of what has been carried.
func (c *Conn) giveBack(d filter.Direction) {
	h := &c.flow.half[d]
	if h.buf != nil && h.buf != &h.own {
		c.pair.Buffers.Put(h.buf)
	}
	h.buf = nil
}

var errPaused = fault.New(fault.PauseTimeout, "waiting for a filter to go on", nil)

// pause waits until a filter goes on.
func (c *Conn) pause(d filter.Direction) chain.Verdict {
	c.waiting.Store(true)
	defer c.waiting.Store(false)
	if !c.st.Resumed(d) && !c.st.Stopped() && !c.st.Wait(d, c.Service.Pause) {
		c.fail(errPaused)
		return chain.Cut
	}
	if c.flow.stop || c.cutBy.Load() != nil {
		return chain.Cut
	}
	return c.st.Flow(d)
}

// pass writes what has passed the filters, letting go of the stream meanwhile.
func (c *Conn) pass(d filter.Direction, out chain.Out, to side) bool {
	if len(out.Data) == 0 && !out.End {
		return true
	}
	err := c.write(d, to, out.Data, out.End)
	if err != nil {
		c.broken(to, err)
		return false
	}
	return true
}

// broken ends the connection because one side of it failed.
func (c *Conn) broken(e side, err error) {
	c.pair.Fail(e, err)
	c.fail(c.faultOf(c.pair.Failure()))
	c.over()
}

// stopped ends the connection because the filters want it, or one has failed.
func (c *Conn) stopped(v chain.Verdict) {
	if v == chain.Replied && c.failed == nil {
		if kind, ours := c.st.Refused(); ours {
			c.fail(fault.New(kind, "running the filters", nil))
		}
	}
	if by := c.cutBy.Load(); by != nil {
		c.fail(*by)
	}
	if c.failed == nil {
		c.info.Details = "filter_closed"
		c.info.Flags |= stream.FlagLocalReset
	}
	c.over()
	_ = c.Client.Close()
	if c.upstream != nil {
		_ = c.upstream.Close()
	}
}

// over wakes the other direction, which has nothing to wait for any more.
func (c *Conn) over() {
	c.flow.stop = true
	c.st.Wake()
}

// SetCluster is for the chain: see chain.Owner. It has an effect until the
// connection's head has passed the filters.
func (c *Conn) SetCluster(name string) bool {
	if c.Cluster == nil || c.st.Passed(filter.Request) {
		return false
	}
	t := c.Cluster(name)
	if t != nil {
		c.target, c.info.Cluster = t, t.Name
	}
	return t != nil
}

// ClearRoute is for the chain: see chain.Owner. Routes are of requests.
func (c *Conn) ClearRoute() {}

var (
	_ chain.Owner = (*Conn)(nil)
	_ side        = (http1.Transport)(nil)
)
