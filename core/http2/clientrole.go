package http2

import "golang.org/x/net/http2"

// open refuses streams of the upstream's own: push is disabled.
func (c *Client) open(uint32, bool) (bool, error) {
	return false, refuse(http2.ErrCodeProtocol, "HEADERS for a stream that we did not open")
}

func (c *Client) idle(id uint32) bool { return id >= c.next || id%2 == 0 }

func (c *Client) interim(s *Stream) bool { return !s.request.final }

// settled takes note of the upstream's settings.
func (c *Client) settled() {
	if c.settings {
		c.reckon()
		return
	}
	c.settings = true
	c.limited()
	close(c.ready)
}

// goAway ends the streams that the upstream has not looked at, and will not.
func (c *Client) goAway(last uint32, _ http2.ErrCode) {
	for id, s := range c.streams {
		if id > last && s.how == unknown {
			s.request.unsent = true
			s.shut(theyReset)
			s.end(errUnprocessed)
		}
	}
	c.reckon()
}

func (c *Client) broken(err error) error { return upstreamFault(err) }

// wasReset tells a stream that the upstream has not looked at from others.
func (c *Client) wasReset(s *Stream, code http2.ErrCode) error {
	if code == http2.ErrCodeRefusedStream && !s.request.answered {
		s.request.unsent = true
		return errUnprocessed
	}
	return resetBy(code)
}

// head takes the head of a response, an interim one too.
func (c *Client) head(b *block) error {
	r, err := parseResponse(b, &c.opt.Limits)
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.streams[b.id]
	if s == nil || s.how != unknown {
		return nil // it was reset meanwhile
	}
	x := s.request
	if err == nil {
		err = x.take(r, b)
	}
	if err != nil {
		s.cause = err
		return reset(http2.ErrCodeProtocol, err.Error())
	}
	if b.end {
		return s.endReceiving()
	}
	return nil
}

func (c *Client) startReady() {}
func (c *Client) tend()       {}
func (c *Client) tends() bool { return false }
