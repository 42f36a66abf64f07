package http2

import (
	"time"

	"github.com/weirproxy/weir/core/http1"
)

// Options are the bounds of a connection, for both sides.
type Options struct {
	Limits     http1.Limits  // of a head; Bytes counts as SETTINGS_MAX_HEADER_LIST_SIZE does, 32 more a field
	Streams    int           // that the peer may have open at once
	Window     int           // of a stream's body, bytes; at least 64 KiB
	ConnWindow int           // of all bodies, bytes; at least four windows
	Head       time.Duration // a head from its first byte, the preface, an answer to SETTINGS
	BodyIdle   time.Duration // between two pieces of a body
	WriteIdle  time.Duration // a write without progress, also for want of the peer's credit
	Idle       time.Duration // a connection without streams
	// Now is coarse monotonic time in nanoseconds: sock.Reaper.Now. nil is Go's.
	Now func() int64
}

const (
	minWindow     = 64 << 10 // a peer may assume 65,535 until it has our SETTINGS
	windowsAtOnce = 4
	maxWindow     = 1<<31 - 1
)

// complete fills in what was left out, and raises what is too small.
func (o *Options) complete() Options {
	c := *o
	if c.Streams <= 0 {
		c.Streams = 100
	}
	c.Window = min(max(c.Window, minWindow), maxWindow/windowsAtOnce)
	c.ConnWindow = min(max(c.ConnWindow, windowsAtOnce*c.Window), maxWindow)
	if c.Limits.Bytes <= 0 {
		c.Limits = http1.Limits{Bytes: 64 << 10, Count: 100, Line: 8 << 10}
	}
	if c.Now == nil {
		c.Now = monotonic
	}
	return c
}

var start = time.Now()

func monotonic() int64 { return int64(time.Since(start)) }

// period is how often streams are looked after: a quarter of the shortest
// bound, within sense.
func (o *Options) period() time.Duration {
	const least, most = 10 * time.Millisecond, time.Second
	p := 4 * most
	for _, d := range []time.Duration{o.Head, o.BodyIdle, o.WriteIdle, o.Idle} {
		if d > 0 {
			p = min(p, d)
		}
	}
	return max(p/4, least)
}
