package http2

import (
	"time"

	"golang.org/x/net/http2"
)

// leaving is how far a graceful end has come (RFC 9113, section 6.8).
type leaving uint8

const (
	staying   leaving = iota
	announced         // the peer is told to open no more; what it opened already is taken
	left              // what comes now is refused, and the last stream ends the connection
)

// leavePing marks the PING behind the announcement: once it is answered, the
// peer has read that.
var leavePing = [8]byte{'g', 'o', 'i', 'n', 'g'}

// leaveWait is how long the peer may take to answer it.
const leaveWait = time.Second

// drain ends the connection gracefully: the streams under way end as they
// would have. The lock is held.
func (c *conn) drain() {
	if c.leaving != staying || c.err != nil {
		return
	}
	c.leaving, c.leftAt = announced, c.now()
	c.appendGoAway(maxWindow, http2.ErrCodeNo)
	c.appendPing(false, leavePing)
	c.t.Interrupt() // the reader may be waiting for as long as an idle connection may
}

// leaveNow says which streams were the last. The lock is held.
func (c *conn) leaveNow() {
	c.leaving = left
	c.appendGoAway(c.last, http2.ErrCodeNo)
	c.t.Interrupt()
}

// tick looks after streams and the connection once a period, or at once.
func (c *conn) tick(force bool) error {
	now := c.now()
	if !force && now-c.ticked < int64(c.period) {
		return nil
	}
	c.ticked = now
	c.role.tend()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.streams {
		s.look(now)
	}
	if err := c.role.look(now); err != nil {
		return err
	}
	over := func(since int64, bound time.Duration) bool {
		return since != 0 && bound > 0 && now-since >= int64(bound)
	}
	switch {
	case over(c.began, c.patience):
		return refuse(http2.ErrCodeEnhanceYourCalm, "a frame or a head took too long")
	case over(c.asked, c.opt.Head):
		return refuse(http2.ErrCodeSettingsTimeout, "our SETTINGS were not acknowledged")
	case c.leaving == announced && over(c.leftAt, leaveWait):
		c.leaveNow()
	case over(c.empty, c.opt.Idle):
		return errIdle
	}
	return nil
}
