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
	c.st.Begin(c.Service.Chain, c)
	out, v := c.admit()
	if v > chain.Held {
		c.stopped(v)
		return
	}
	c.st.Sent(filter.Request)
	if err := c.reach(); err != nil {
		c.fail(err)
		return
	}
	if v = c.st.Head(filter.Response, false); v > chain.Held {
		c.stopped(v)
		return
	}
	c.st.Take(filter.Response)
	done := make(chan struct{})
	go c.answer(done)
	if c.pass(filter.Request, out, c.upstream) {
		c.carry(filter.Request, c.Client, c.upstream)
	}
	c.st.Unlock()
	<-done
	c.st.Lock()
	for d := range c.flow.half {
		c.giveBack(filter.Direction(d))
	}
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

// reach connects, letting go of the stream meanwhile.
func (c *Conn) reach() error {
	c.waiting.Store(true)
	c.st.Idle(filter.Response, deaf{})
	err := c.connect()
	c.st.Busy(filter.Response)
	c.waiting.Store(false)
	return err
}

// deaf is a wait that nobody can end early. It has a bound of its own.
type deaf struct{}

func (deaf) Interrupt() {}

// answer carries the upstream's half, on a goroutine of its own.
func (c *Conn) answer(done chan struct{}) {
	defer close(done)
	c.st.Lock()
	defer func() {
		if v := recover(); v != nil {
			// The lock stays as it is, since nobody knows its state.
			c.panicked(v)
			c.pair.Fail(nil, errPanic)
			return
		}
		c.st.Unlock()
	}()
	c.carry(filter.Response, c.upstream, c.Client)
}

var errPanic = errors.New("panic while filtering a connection")

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
	c.st.Idle(d, from)
	buf, n, err := c.pair.Read(from, &h.own)
	c.st.Busy(d)
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
	c.st.Unlock()
	var err error
	if len(out.Data) > 0 {
		err = c.pair.Write(to, out.Data, d == filter.Response)
	}
	if err == nil && out.End {
		_ = to.CloseWrite() // whoever reads there finds out what is wrong
	}
	c.st.Lock()
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
