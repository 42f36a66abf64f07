package pool

import (
	"time"

	"github.com/weirproxy/weir/core/fault"
)

// errLate is of kind UpstreamTimeout: whoever had less time than connecting may take
// knows whose bound that was.
var errLate = fault.New(fault.UpstreamTimeout, "waiting for a connection to the upstream: no time is left", nil)

// GetWithin is Get for somebody who has no longer than wait. What was being opened
// for him when that was over is for others.
func (p *Pool) GetWithin(wait time.Duration, fresh bool) (*Conn, error) {
	if wait >= p.opt.ConnectTimeout+p.opt.PendingWait {
		return p.Get(fresh)
	}
	if !fresh {
		if c := p.Idle(); c != nil {
			return c, nil
		}
	}
	got, gone := make(chan turn), make(chan struct{})
	defer close(gone)
	go func() {
		c, err := p.Get(fresh)
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
		return nil, errLate
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
