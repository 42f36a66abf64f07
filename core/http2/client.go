package http2

import (
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
)

// ClientOptions are the bounds of an upstream connection. Options.Streams is how
// many streams we have open at once, if the upstream does not ask for fewer.
type ClientOptions struct {
	Options
	Ping     time.Duration // silence after which a connection with streams is asked whether it is there, 0 for never; from the fourth time on at least five minutes
	PingWait time.Duration // for the answer; without one the connection is lost
}

// Client is an upstream connection: each stream carries a request out and its
// response in.
type Client struct {
	conn
	bounds  *ClientOptions
	changed func()
	limit   atomic.Int32
	ready   chan struct{} // closed once the upstream's SETTINGS are in place, or never will be

	// Under the lock.
	settings bool            // they are in place
	next     uint32          // number of the next stream
	free     []*ClientStream // to be used again
	busy     int64           // since when there have been streams, coarse time
	pinged   int64           // since when an answer to PING is waited for, 0 for none
	asked    int64           // when the last PING left
	pings    int             // that have left since the upstream last said anything of its own
}

// NewClient is the client side of t. Nothing is written before Start.
func NewClient(t http1.Transport, o *ClientOptions) *Client {
	c := &Client{bounds: o, next: 1, ready: make(chan struct{})}
	c.conn.init(t, &o.Options, c)
	c.period, c.idleRead = clientPeriod, clientIdle
	return c
}

const (
	// clientPeriod is how often the bounds of streams are looked at: those of an
	// attempt are shorter than those of a client.
	clientPeriod = 20 * time.Millisecond
	// clientIdle is the same without streams, for the rare case that the first
	// stream's word about it is lost.
	clientIdle = 500 * time.Millisecond
)

// maxStream is the last number of a stream (RFC 9113, section 5.1.1).
const maxStream = 1<<31 - 1

// Start begins the connection, and waits for the upstream's first SETTINGS: how
// many streams it takes is known then, and that it speaks HTTP/2 at all. changed
// is called, on a goroutine of its own, when Limit has another answer.
func (c *Client) Start(wait time.Duration, changed func()) error {
	c.changed = changed
	c.mu.Lock()
	c.out.raw(http2.ClientPreface)
	c.greet(http2.Setting{ID: http2.SettingEnablePush, Val: 0})
	c.flushAside()
	c.mu.Unlock()
	go c.run()
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-c.ready:
	case <-t.C:
		c.Close()
		return fmt.Errorf("waiting for SETTINGS of HTTP/2: %w", sock.ErrTimeout)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.settings {
		return fmt.Errorf("the upstream does not begin HTTP/2 (is its protocol \"http1\"?): %w", c.err)
	}
	return nil
}

// run reads frames until the connection ends.
func (c *Client) run() {
	err := c.readFrames()
	c.mu.Lock()
	c.fail(err)
	c.reckon()
	if !c.settings {
		close(c.ready)
	}
	c.mu.Unlock()
	_ = c.finish(err)
}

// Limit is how many streams may be open at once; 0 means that there can be no
// more, for good.
func (c *Client) Limit() int { return int(c.limit.Load()) }

// reckon finds out what Limit is now, and tells of it. The lock is held.
func (c *Client) reckon() {
	if c.settings && c.limited() {
		go c.changed()
	}
}

// limited finds out what Limit is now, and says whether that is new.
func (c *Client) limited() bool {
	n := int32(min(c.opt.Streams, int(min(c.peer.streams, maxStream))))
	if c.err != nil || c.peerGone || c.next > maxStream || !c.settings {
		n = 0
	}
	return c.limit.Swap(n) != n
}

// Open reserves a stream, or gives nil when there can be no more. It is the
// caller who keeps within Limit. Close must follow.
func (c *Client) Open() *ClientStream {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || c.out.broken != nil || c.limit.Load() == 0 {
		return nil
	}
	if n := len(c.free); n > 0 {
		s := c.free[n-1]
		c.free = c.free[:n-1]
		return s
	}
	s := &ClientStream{client: c}
	s.c, s.Stream.request = &c.conn, s
	s.cond.L = &c.mu
	return s
}

// Close ends the connection, and with it all its streams. It does not wait.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.appendGoAway(0, http2.ErrCodeNo)
	}
	c.fail(errLeft)
	c.reckon()
}

// number gives s its number, the lock being held until its head is appended:
// heads go out in the order of their numbers.
func (c *Client) number(s *ClientStream) {
	if c.empty != 0 {
		c.busy = c.now()
		c.t.ArmRead(c.period) // the reader waits as if there was nothing to look after
	}
	s.begin(&c.conn, c.next)
	if c.next += 2; c.next > maxStream {
		c.reckon()
	}
}

// alivePing asks whether the upstream is there.
var alivePing = [8]byte{'t', 'h', 'e', 'r', 'e', '?'}

// Servers of gRPC count PINGs that come within five minutes of another, and with
// nothing that they sent in between: at the fourth they end the connection.
const (
	freePings = 3
	rarePing  = 5*time.Minute + 10*time.Second
)

// silence is how long an upstream may keep silent until it is asked.
func (c *Client) silence() time.Duration {
	if c.spoke >= c.asked {
		c.pings = 0
	}
	if c.pings < freePings {
		return c.bounds.Ping
	}
	return max(c.bounds.Ping, rarePing)
}

// look asks an upstream that keeps silent over streams whether it is there.
func (c *Client) look(now int64) error {
	if heard := max(c.heard, c.busy); c.pinged != 0 {
		switch {
		case heard >= c.pinged:
			c.pinged = 0
		case now-c.pinged >= int64(c.bounds.PingWait):
			return errSilent
		}
	} else if len(c.streams) > 0 && c.bounds.Ping > 0 && now-heard >= int64(c.silence()) {
		c.pinged, c.asked = now, now
		c.pings++
		c.appendPing(false, alivePing)
	}
	return nil
}
