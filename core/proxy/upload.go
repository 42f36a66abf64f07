package proxy

import (
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// upload is the rest of a request's body on its way upstream, carried by a
// goroutine of its own beside the response. The chain's lock guards it.
type upload struct {
	running bool
	started bool // in this attempt or one before it
	stop    bool
	ending  bool  // the last piece is being written, or was to be
	ended   bool  // the request was written to its end
	moved   int64 // coarse time at which something of it came last
	err     error // the upstream took no more
	done    chan struct{}
}

func (x *exchange) startUpload() {
	u := &x.upload
	u.running, u.started, u.stop, u.ending, u.err = true, true, false, false, nil
	u.moved, x.tryBy = x.proxy.reaper.Now(), 0
	u.done = make(chan struct{})
	go x.uploadRest()
}

// uploadRest carries the body until its end, a fault, or stopUpload.
func (x *exchange) uploadRest() {
	st, done := x.st, x.upload.done
	st.Lock()
	defer func() {
		if v := recover(); v != nil {
			x.uploadPanic(v)
		} else {
			x.upload.running = false
			st.Unlock() // from here on the exchange may be another stream's
		}
		close(done)
	}()
	for !x.upload.stop {
		v := x.moreRequest()
		if v > chain.Held {
			x.upstream.Interrupt() // whoever waits for the response acts on it
			return
		}
		out := x.st.Take(filter.Request)
		if len(out.Data) == 0 && !out.End {
			continue
		}
		if x.pass(out); x.upload.err != nil || x.upload.ended {
			return
		}
	}
}

// moreRequest reads a piece and gives it to the filters, or waits for one
// that holds what it has.
func (x *exchange) moreRequest() chain.Verdict {
	if x.fed || !x.st.Feedable(filter.Request) {
		return x.pause(filter.Request)
	}
	x.st.Idle(filter.Request, x.down)
	chunk, end, err := x.down.ReadBody()
	x.st.Busy(filter.Request)
	if err == sock.ErrInterrupted {
		if x.upload.stop {
			return chain.Held
		}
		return x.noted(filter.Request)
	}
	x.upload.moved = x.proxy.reaper.Now()
	return x.feed(chunk, end, err)
}

// pass writes a piece upstream.
func (x *exchange) pass(out chain.Out) {
	x.keep(out.Data)
	if x.mirror != nil {
		x.feedMirror(out.Data, out.End, out.Trailers)
	}
	var trailers *stream.Headers
	if out.Trailers {
		trailers = x.st.Trailers(filter.Request)
	}
	x.upload.ending = out.End
	x.st.Unlock()
	err := x.upstream.WriteBody(out.Data, out.End, trailers)
	x.st.Lock()
	if err != nil {
		x.upload.err = err
		if x.upload.failure() != nil {
			x.upstream.Interrupt()
		}
		return
	}
	if out.End {
		x.upload.ended = true
		x.startClock()
		x.upstream.Interrupt() // it waits by the clock from here on
	}
}

// failure is an upload's end that ends the attempt. A connection that was
// reset is not one: the upstream may have answered before that, and whoever
// reads the answer finds out.
func (u *upload) failure() error {
	if u.err != nil && fault.KindOf(u.err) != fault.UpstreamReset {
		return u.err
	}
	return nil
}

// endUpload ends the upload when the response is over, and says whether the
// connection is in order.
func (x *exchange) endUpload() bool {
	x.awaitLastPiece()
	return !x.stopUpload()
}

// awaitLastPiece waits until the last piece is noted as sent. An upstream may answer
// before we know that it has taken that: it is there already.
func (x *exchange) awaitLastPiece() {
	u := &x.upload
	if !u.running || !u.ending {
		return
	}
	x.st.Unlock()
	t := time.NewTimer(lastPieceWait)
	select {
	case <-u.done:
	case <-t.C:
	}
	t.Stop()
	x.st.Lock()
}

// lastPieceWait is how long an upstream that has answered may take to accept the
// end of the request.
const lastPieceWait = time.Second

// stopUpload ends an upload that runs, and with it the upstream's connection,
// and says whether it did.
func (x *exchange) stopUpload() bool {
	u := &x.upload
	if !u.running {
		return false
	}
	u.stop = true
	x.down.Interrupt()
	x.st.Wake()
	x.upstream.Abort()
	x.st.Unlock()
	<-u.done
	x.st.Lock()
	return true
}

// keep lays what goes upstream by, so that it can be sent again.
func (x *exchange) keep(data []byte) {
	if !x.keeping {
		return
	}
	if len(x.kept)+len(data) > x.route.Retries.Buffer {
		x.keeping, x.kept = false, x.kept[:0]
		return
	}
	x.kept = append(x.kept, data...)
}

// abandon gives the attempt up, because of err or, with nil, for something
// that was not the endpoint's fault.
func (x *exchange) abandon(err error) {
	if x.upstream == nil {
		return
	}
	x.stopUpload()
	x.endpoint.Broke(err)
	x.upstream.Abort()
	x.spent, x.upstream = spent{x.endpoint, x.upstream, false}, nil
}
