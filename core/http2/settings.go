package http2

import "golang.org/x/net/http2"

// settings takes the peer's SETTINGS (RFC 9113, section 6.5). The lock is held.
func (c *conn) settings(f *http2.SettingsFrame) error {
	if f.IsAck() {
		if c.asked == 0 {
			return c.spent.spend(spendSettings, c.now())
		}
		c.asked = 0
		return nil
	}
	for i := range f.NumSettings() {
		if err := c.setting(f.Setting(i)); err != nil {
			return err
		}
	}
	c.greeted = true
	c.role.settled()
	if err := c.control(spendSettings); err != nil {
		return err
	}
	c.appendSettingsAck()
	return nil
}

func (c *conn) setting(s http2.Setting) error {
	if err := s.Valid(); err != nil {
		code := http2.ErrCodeProtocol
		if e, ok := err.(http2.ConnectionError); ok {
			code = http2.ErrCode(e)
		}
		return refuse(code, "invalid setting "+s.ID.String())
	}
	switch s.ID {
	case http2.SettingInitialWindowSize:
		return c.resizeWindows(int64(s.Val))
	case http2.SettingMaxFrameSize:
		c.peer.frame = min(int(s.Val), maxPending)
	case http2.SettingMaxHeaderListSize:
		c.peer.headList = s.Val
	case http2.SettingMaxConcurrentStreams:
		c.peer.streams = s.Val
	case http2.SettingEnableConnectProtocol:
		c.peer.connect = s.Val == 1
	}
	return nil
}

// resizeWindows changes the credit of all streams by as much as their first
// credit changed (section 6.9.2). It may become negative.
func (c *conn) resizeWindows(to int64) error {
	by := to - c.peer.window
	c.peer.window = to
	for _, s := range c.streams {
		if s.sendWindow += by; s.sendWindow > maxWindow {
			return refuse(http2.ErrCodeFlowControl, "a setting takes a stream's window over its bound")
		}
	}
	if by > 0 {
		c.wakeWriters()
	}
	return nil
}

// update takes a WINDOW_UPDATE (section 6.9). The lock is held.
func (c *conn) update(f *http2.WindowUpdateFrame) error {
	if err := c.spent.spend(spendUpdate, c.now()); err != nil {
		return err
	}
	n := int64(f.Increment)
	if f.StreamID == 0 {
		if c.sendWindow += n; c.sendWindow > maxWindow {
			return refuse(http2.ErrCodeFlowControl, "WINDOW_UPDATE takes the connection's window over its bound")
		}
		c.wakeWriters()
		return nil
	}
	s := c.streams[f.StreamID]
	switch {
	case s == nil && c.isIdle(f.StreamID):
		return refuse(http2.ErrCodeProtocol, "WINDOW_UPDATE for a stream that was never opened")
	case s == nil || s.how != unknown:
		return nil // late, and already paid for
	}
	if s.sendWindow += n; s.sendWindow > maxWindow {
		return reset(http2.ErrCodeFlowControl, "WINDOW_UPDATE takes the stream's window over its bound")
	}
	s.cond.Broadcast()
	return nil
}
