package http2

import (
	"errors"
	"time"

	"golang.org/x/net/http2"
)

// readFrames takes frames until the connection ends, and says why it did.
func (c *conn) readFrames() error {
	for {
		h, err := c.framer.ReadFrameHeader()
		if err != nil {
			return c.frameError(err)
		}
		if err := c.frame(h); err != nil {
			return err
		}
		if c.block.id == 0 {
			c.began, c.patience = 0, c.opt.Head
		}
	}
}

// frameError gives the framer's word about a frame its code and its reason.
func (c *conn) frameError(err error) error {
	if errors.Is(err, http2.ErrFrameTooLarge) {
		return refuse(http2.ErrCodeFrameSize, "frame larger than we allow")
	}
	if code, ok := errors.AsType[http2.ConnectionError](err); ok {
		reason := "malformed frame"
		if d := c.framer.ErrorDetail(); d != nil {
			reason = d.Error()
		}
		return refuse(http2.ErrCode(code), reason)
	}
	return err
}

func (c *conn) frame(h http2.FrameHeader) error {
	if !c.greeted && (h.Type != http2.FrameSettings || h.Flags.Has(http2.FlagSettingsAck)) {
		return refuse(http2.ErrCodeProtocol, "the first frame is not SETTINGS")
	}
	switch h.Type {
	case http2.FrameData:
		c.spoke = c.now()
		return c.readData(h)
	case http2.FrameHeaders:
		c.spoke = c.now()
		return c.readHeaders(h)
	case http2.FrameContinuation:
		return c.readContinuation(h)
	case http2.FramePushPromise:
		return refuse(http2.ErrCodeProtocol, "PUSH_PROMISE, which we do not enable")
	case http2.FrameSettings, http2.FramePing, http2.FrameGoAway, http2.FrameWindowUpdate, http2.FrameRSTStream, http2.FramePriority:
		return c.readSmall(h)
	}
	what := spendUnknown
	if h.Type == http2.FramePriorityUpdate {
		what = spendPriority
	}
	if err := c.spend(what); err != nil {
		return err
	}
	return c.in.skip(int(h.Length))
}

// maxSmall is the largest payload that the framer parses, in bytes: that of
// SETTINGS and GOAWAY is the sender's choice, but the framer keeps a buffer for it.
const maxSmall = 1 << 10

// readSmall takes the frames that the framer parses.
func (c *conn) readSmall(h http2.FrameHeader) error {
	if h.Length > maxSmall {
		return refuse(http2.ErrCodeFrameSize, "a payload larger than a "+h.Type.String()+" can sensibly have")
	}
	f, err := c.framer.ReadFrameForHeader(h)
	if err != nil {
		if e, ok := errors.AsType[http2.StreamError](err); ok {
			return c.refuseStream(e.StreamID, reset(e.Code, "malformed "+h.Type.String()))
		}
		return c.frameError(err)
	}
	c.mu.Lock()
	switch f := f.(type) {
	case *http2.SettingsFrame:
		err = c.settings(f)
	case *http2.PingFrame:
		err = c.ping(f)
	case *http2.GoAwayFrame:
		c.peerGone = true
		c.role.goAway(f.LastStreamID, f.ErrCode)
	case *http2.WindowUpdateFrame:
		err = c.update(f)
	case *http2.RSTStreamFrame:
		err = c.resetByPeer(f)
	case *http2.PriorityFrame:
		err = c.spent.spend(spendPriority, c.now())
		if err == nil && f.StreamDep == f.StreamID {
			err = reset(http2.ErrCodeProtocol, "stream depends on itself")
		}
	}
	c.mu.Unlock()
	c.notify()
	if e, ok := errors.AsType[*streamError](err); ok {
		return c.refuseStream(h.StreamID, e)
	}
	return err
}

func (c *conn) spend(what spending) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spent.spend(what, c.now())
}

// refuseStream ends a stream for a violation of its peer's.
func (c *conn) refuseStream(id uint32, err error) error {
	e, ok := errors.AsType[*streamError](err)
	if !ok {
		return err
	}
	c.mu.Lock()
	what := spendError
	if e.code == http2.ErrCodeRefusedStream {
		what = spendLate // a client may ask for many before it knows how many it may
	}
	if err = c.control(what); err == nil {
		if s := c.streams[id]; s != nil && s.how == unknown {
			s.reset(e.code, errBadBody)
		} else {
			c.appendReset(id, e.code)
		}
	}
	c.mu.Unlock()
	c.notify()
	return err
}

// control pays for a small frame that the peer causes us to send, and bounds
// how many of them it leaves unread. The lock is held.
func (c *conn) control(what spending) error {
	if c.out.small++; c.out.small > maxControl {
		return refuse(http2.ErrCodeEnhanceYourCalm, "budget overspent: answers that the peer does not read")
	}
	if c.out.small%(maxControl/10) == 0 {
		c.flushAside() // the reader may be busy for long with what is here already
	}
	return c.spent.spend(what, c.now())
}

func (c *conn) ping(f *http2.PingFrame) error {
	if f.StreamID != 0 {
		return refuse(http2.ErrCodeProtocol, "PING on a stream")
	}
	if f.IsAck() {
		if f.Data == leavePing && c.leaving == announced {
			c.leaveNow()
		}
		return c.spent.spend(spendUnknown, c.now())
	}
	if err := c.control(spendPing); err != nil {
		return err
	}
	c.appendPing(true, f.Data)
	return nil
}

func (c *conn) resetByPeer(f *http2.RSTStreamFrame) error {
	s := c.streams[f.StreamID]
	if s == nil || s.how != unknown {
		if s == nil && c.isIdle(f.StreamID) {
			return refuse(http2.ErrCodeProtocol, "RST_STREAM for a stream that was never opened")
		}
		return c.spent.spend(spendLate, c.now())
	}
	early := !s.sendEnd
	s.shut(theyReset)
	s.end(c.role.wasReset(s, f.ErrCode))
	if early {
		return c.spent.spend(spendReset, c.now())
	}
	return nil
}

// isIdle says whether id was never opened, by either side.
func (c *conn) isIdle(id uint32) bool { return c.role.idle(id) }

// beforeRead is called when the reader is about to wait: what it caused to be
// written must go out, and how long it may wait depends on what is under way.
func (c *conn) beforeRead() (time.Duration, error) {
	c.role.startReady()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, c.err
	}
	if c.leaving == left && len(c.streams) == 0 {
		return 0, errLeft
	}
	c.flushAside()
	if c.empty == 0 || !c.greeted || c.asked != 0 || c.began != 0 || c.leaving != staying || c.role.tends() {
		return c.period, nil
	}
	if c.opt.Idle <= 0 {
		return c.idleRead, nil
	}
	return max(c.opt.Idle-time.Duration(c.now()-c.empty), c.period), nil
}
