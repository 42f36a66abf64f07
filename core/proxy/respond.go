package proxy

import (
	"errors"
	"net/http"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// respond carries the response, whose head has been read, through the filters
// and to the client.
func (x *exchange) respond() chain.Verdict {
	f := x.upstream.Frame()
	x.st.Info().Details = "via_upstream"
	if x.st.ResponseHead().Status == http.StatusSwitchingProtocols {
		return x.switchProtocols()
	}
	end := x.upstream.Done()
	length := http1.Unknown
	if !x.st.Takes(filter.PhaseResponseBody) && f.Length >= 0 && !f.Chunked {
		length = f.Length
	}
	v := x.st.Head(filter.Response, end)
	if v <= chain.Held && !end && x.st.Feedable(filter.Response) {
		if chunk, last, err := x.upstream.Ready(); len(chunk) > 0 || last || err != nil {
			v = x.feedResponse(chunk, last, err)
		}
	}
	for v <= chain.Held {
		out := x.st.Take(filter.Response)
		if err := x.deliver(&out, length); err != nil {
			v = x.fault(err)
			break
		}
		if out.End {
			x.settle()
			return chain.Passed
		}
		v = x.moreResponse()
	}
	x.endTry(x.failed)
	x.abandon(x.failed)
	if v == chain.Cut && x.endCall() {
		return chain.Passed
	}
	return v
}

// moreResponse reads a piece and gives it to the filters, or waits for one
// that holds what it has.
func (x *exchange) moreResponse() chain.Verdict {
	if x.upstream.Done() || !x.st.Feedable(filter.Response) {
		if x.st.Withheld(filter.Response) {
			return x.st.Flush(filter.Response)
		}
		return x.pause(filter.Response)
	}
	wait, kind := x.idle()
	withheld := x.st.Withheld(filter.Response)
	x.st.Idle(filter.Response, x.upstream)
	chunk, end, there, err := x.readResponse(wait, withheld)
	x.st.Busy(filter.Response)
	switch {
	case err == sock.ErrInterrupted:
		return x.noted(filter.Response)
	case x.goesOn(err, kind):
		return chain.Held
	case !there:
		return x.st.Flush(filter.Response)
	}
	return x.feedResponse(chunk, end, x.timeoutAs(err, kind))
}

// readResponse reads a piece. It waits for one only if nothing is withheld from
// the client until more is there.
func (x *exchange) readResponse(wait time.Duration, withheld bool) (chunk []byte, end, there bool, err error) {
	if !withheld {
		chunk, end, err = x.upstream.ReadBody(wait)
		return chunk, end, true, err
	}
	if r, ok := x.upstream.Exchange.(pool.PromptReader); ok {
		return r.ReadAvailable(wait)
	}
	chunk, end, err = x.upstream.Ready()
	return chunk, end, end || len(chunk) > 0 || err != nil, err
}

func (x *exchange) feedResponse(chunk []byte, end bool, err error) chain.Verdict {
	if err != nil {
		return x.fault(err)
	}
	trailers := x.upstream.Trailers()
	if !end || trailers == nil {
		return x.st.Feed(filter.Response, chunk, end)
	}
	if len(chunk) > 0 {
		if v := x.st.Feed(filter.Response, chunk, false); v > chain.Held {
			return v
		}
	}
	return x.st.FeedTrailers(filter.Response, trailers)
}

// deliver writes to the client what has passed the filters.
func (x *exchange) deliver(out *chain.Out, length int64) error {
	if !out.Head && len(out.Data) == 0 && !out.End {
		return nil
	}
	var trailers *stream.Headers
	if out.Trailers {
		trailers = x.st.Trailers(filter.Response)
	}
	if out.Head {
		if x.st.Recoded(filter.Response) {
			length = http1.Unknown
		}
		x.st.Sent(filter.Response)
		if x.conn.drain.Load() {
			x.down.Close()
		}
	}
	x.st.Info().ResponseBytes += int64(len(out.Data))
	beside := x.upload.running // it needs the stream while the client takes its time
	if beside {
		x.st.Unlock()
	}
	var err error
	if out.Head {
		err = x.down.WriteHead(x.st.ResponseHead(), length, out.Data, out.End, trailers)
	} else {
		err = x.down.WriteBody(out.Data, out.End, trailers)
	}
	if beside {
		x.st.Lock()
	}
	switch {
	case err == nil:
		return nil
	case err == sock.ErrTimeout:
		return fault.New(fault.WriteTimeout, "sending the response", err)
	case errors.Is(err, http1.ErrWrongLength):
		return fault.New(fault.Unknown, "sending the response", err)
	}
	return fault.New(fault.ClientGone, "sending the response", err)
}

// settle ends an exchange with the upstream whose response was read whole, or is
// wanted by nobody. One whose upload had to be stopped has lost its connection by
// that.
//
// The connection is given back by handBack.
func (x *exchange) settle() {
	whole := x.endUpload()
	x.endTry(nil)
	x.endpoint.Done(x.st.ResponseHead().Status >= http.StatusInternalServerError || x.grpcStatus().Fault())
	x.spent, x.upstream = spent{x.endpoint, x.upstream, whole}, nil
}

// reply sends a local reply, through the filters that the request had
// entered. What an upstream may be sending is of no interest any more.
func (x *exchange) reply() chain.Verdict {
	x.abandon(nil)
	x.handBack()
	body := x.st.TakeReply()
	if kind, ours := x.st.Refused(); ours && x.side != nil && x.side.Reasons {
		x.st.ResponseHead().Headers.AddString("x-weir-reason", kind.String())
	}
	_, ours := x.st.Refused()
	body = x.dress(body, ours)
	if !x.skip() {
		x.down.DropRest()
	}
	trailers := x.st.ReplyTrailers()
	v := x.st.Head(filter.Response, len(body) == 0 && trailers == nil)
	if v <= chain.Held && len(body) > 0 {
		v = x.st.Feed(filter.Response, body, trailers == nil)
	}
	if v <= chain.Held && trailers != nil {
		v = x.st.FeedTrailers(filter.Response, trailers)
	}
	for v <= chain.Held {
		out := x.st.Take(filter.Response)
		if err := x.deliver(&out, http1.Unknown); err != nil {
			return x.fault(err)
		}
		if out.End {
			return chain.Passed
		}
		v = x.pause(filter.Response)
	}
	return v
}

// skip reads off what came of the body together with the head, and says
// whether that was all of it.
func (x *exchange) skip() bool {
	for !x.down.Done() {
		chunk, _, err := x.down.Ready()
		if err != nil || len(chunk) == 0 && !x.down.Done() {
			return false
		}
	}
	return true
}
