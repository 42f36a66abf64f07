package pool

import (
	"slices"
	"time"

	"github.com/weirproxy/weir/core/fault"
)

// How a wait ends that was too short for a connection. They are of kind
// UpstreamTimeout: whoever had less time than that may take knows whose bound it was.
var (
	ErrOpening = fault.New(fault.UpstreamTimeout, "opening a connection to the upstream: no time is left", nil)
	// ErrQueued says nothing of the endpoint: others use all connections that may be.
	ErrQueued = fault.New(fault.UpstreamTimeout, "waiting for a connection to the upstream: no time is left", nil)
)

// wait is for w's turn, for as long as requests may wait for one, and this one has.
func (p *Pool) wait(w *waiter, patience, within time.Duration) (*Conn, error) {
	began := time.Now()
	t := time.NewTimer(min(patience, within))
	defer t.Stop()
	var got turn
	select {
	case got = <-w.ready:
	case <-t.C:
		if left, opening := p.leave(w); left {
			switch {
			case within >= patience:
				return nil, errFull
			case opening:
				return nil, ErrOpening
			}
			return nil, ErrQueued
		}
		got = <-w.ready // it came in the same moment
	}
	if got == (turn{}) {
		return p.connectWithin(within - time.Since(began))
	}
	return got.conn, got.err
}

// leave takes w off the queue; false if it has been served. opening says that it was
// waiting for what somebody opens for all.
func (p *Pool) leave(w *waiter) (left, opening bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.waiting, w)
	if i < 0 {
		return false, false
	}
	p.waiting = slices.Delete(p.waiting, i, i+1)
	p.stats.Failed++
	return true, p.several.expected && p.several.dials > 0
}

// connectWithin is connect for somebody who may not have the time for it: that goes on
// without him.
func (p *Pool) connectWithin(wait time.Duration) (*Conn, error) {
	if wait >= 2*p.opt.ConnectTimeout { // the settings of HTTP/2 have as long as what is below
		return p.connect()
	}
	got, gone := make(chan turn), make(chan struct{})
	defer close(gone)
	go func() {
		c, err := p.connect()
		select {
		case got <- turn{c, err}:
		case <-gone:
			if err == nil {
				p.unused(c)
			}
		}
	}()
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case t := <-got:
		return t.conn, t.err
	case <-late.C:
		return nil, ErrOpening
	}
}

// unused takes back a connection that nobody has used.
func (p *Pool) unused(c *Conn) {
	if c.via != nil {
		p.Discard(c) // which ends the exchange alone
		return
	}
	p.restock(c)
}
