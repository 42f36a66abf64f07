package proxy

import (
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

var errBodyTooLarge = fault.New(fault.BodyTooLarge, "reading body: larger than the limit", nil)

// request runs the filters over the head, and over as much of the body as
// they need before the head may go upstream. Passed means that it may.
func (x *exchange) request() chain.Verdict {
	f := x.framing()
	if err := x.hurry(); err != nil {
		return x.fault(err)
	}
	if x.route.MaxBody > 0 && f.Length > x.route.MaxBody {
		x.down.DropRest()
		return x.fault(errBodyTooLarge)
	}
	x.expect = f.Expect && f.HasBody()
	x.upgrade = f.Upgrade && !f.HasBody() && x.route.upgradable(x.st.Request().Headers.Peek("upgrade"))
	x.fed = !f.HasBody()
	v := x.st.Head(filter.Request, x.fed)
	for v <= chain.Held {
		out := x.st.Take(filter.Request)
		x.headOut = x.headOut || out.Head
		if x.headOut && (out.End || len(out.Data) > 0) {
			x.piece = out
			return chain.Passed
		}
		if x.fed || !x.st.Feedable(filter.Request) {
			v = x.pause(filter.Request)
			continue
		}
		chunk, end, err := x.down.Ready()
		if err == nil && len(chunk) == 0 && !end {
			if x.headOut && v == chain.Passed {
				return chain.Passed // the rest follows the head
			}
			if chunk, end, err = x.readBody(); err == sock.ErrInterrupted {
				v = x.noted(filter.Request)
				continue
			}
		}
		v = x.feed(chunk, end, err)
	}
	return v
}

// readBody waits for more of the body. A client that waits for 100 is told to
// go on: it is the filters that want the body, and the upstream cannot be
// asked before they have it.
func (x *exchange) readBody() (chunk []byte, end bool, err error) {
	if x.expect {
		x.expect = false
		if err := x.down.WriteInterim(&goOn); err != nil {
			return nil, false, fault.New(fault.ClientGone, "sending 100", err)
		}
	}
	x.st.Idle(filter.Request, x.down)
	chunk, end, err = x.down.ReadBody()
	x.st.Busy(filter.Request)
	return chunk, end, err
}

var goOn = stream.ResponseHead{Status: 100, Version: stream.HTTP11}

// feed gives a piece of the body to the filters.
func (x *exchange) feed(chunk []byte, end bool, err error) chain.Verdict {
	if err != nil {
		x.down.DropRest()
		return x.fault(err)
	}
	x.received += int64(len(chunk))
	if x.route.MaxBody > 0 && x.received > x.route.MaxBody {
		x.down.DropRest()
		return x.fault(errBodyTooLarge)
	}
	x.fed = end
	trailers := x.down.Trailers()
	if !end || trailers == nil {
		return x.st.Feed(filter.Request, chunk, end)
	}
	if len(chunk) > 0 {
		if v := x.st.Feed(filter.Request, chunk, false); v > chain.Held {
			return v
		}
	}
	return x.st.FeedTrailers(filter.Request, trailers)
}

var errPaused = fault.New(fault.PauseTimeout, "waiting for a filter to go on", nil)

// pause waits until a filter goes on.
func (x *exchange) pause(d filter.Direction) chain.Verdict {
	if w := x.st.Info().Wishes.Within; w > 0 {
		x.shorten(w) // by a filter before the one that pauses
	}
	wait, late := x.side.Pause, errPaused
	if left := x.left(); x.late == fault.Deadline && left < wait {
		wait, late = left, errDeadline
	}
	if !x.st.Resumed(d) && !x.st.Stopped() && !x.st.Wait(d, wait) {
		return x.fault(late)
	}
	return x.noted(d)
}

// requestLength is how long the body is, as far as that is known when the
// head goes out with its first piece.
func (x *exchange) requestLength() int64 {
	f := x.framing()
	switch {
	case x.piece.End && x.piece.Trailers:
		return http1.Unknown
	case x.piece.End:
		n := int64(len(x.piece.Data))
		if n == 0 && f.Length < 0 && !f.Chunked {
			return noBody(x.st.Request().Method)
		}
		return n
	case x.st.Takes(filter.PhaseRequestBody), f.Length < 0:
		return http1.Unknown
	}
	return f.Length
}

// noBody is the length of a request without a body. Where the method lets a
// server expect one, it is told that there is none (RFC 9110, section 8.6).
func noBody(method []byte) int64 {
	switch string(method) {
	case "GET", "HEAD", "DELETE", "TRACE", "CONNECT":
		return http1.NoBody
	}
	return 0
}
