package httpwasm

import (
	"iter"
	"net/http"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// This file is the request as the chain brings it: handle_request begins at the
// head, and ends there unless it reads a body that is still to come.

// RequestHeaders begins handle_request.
func (p *part) RequestHeaders(end bool) (filter.Action, error) {
	if err := p.enter(); err != nil {
		return 0, err
	}
	p.stage = stageRequest
	p.sides[filter.Request].ended = end
	if end || !p.filter.reads {
		p.callRequest()
		return p.requestDone(p.stream.AddBody(p, filter.Request))
	}
	p.resume, _ = iter.Pull(func(yield func(struct{}) bool) {
		p.wait = func() { yield(struct{}{}) }
		p.callRequest()
	})
	return p.goOn(nil)
}

// goOn lets handle_request run on, with what has come of the body. It is paused
// again where it waits for more.
func (p *part) goOn(b *stream.Buffer) (filter.Action, error) {
	if _, waits := p.resume(); waits {
		if b == nil || p.features.has(bufferRequest) {
			return filter.ActionPauseBuffering, nil
		}
		p.sides[filter.Request].read = 0
		p.consumed = true
		return filter.ActionDropBody, nil // it has read all of it
	}
	p.resume, p.wait = nil, nil
	return p.requestDone(b)
}

// requestDone acts on what handle_request answered. b is the body that can be
// changed, nil where there is none yet.
func (p *part) requestDone(b *stream.Buffer) (filter.Action, error) {
	if p.err != nil {
		p.leave()
		if p.consumed {
			// What it has read is gone: without it the rest is another request, which
			// must not go on even if the filter may fail open.
			_ = p.stream.Reply(filter.Reply{Status: http.StatusServiceUnavailable, Details: fault.GuestTrap.Details(), GRPC: -1})
		}
		return 0, p.err
	}
	if !p.next {
		err := p.reply()
		p.leave()
		return filter.ActionContinue, err
	}
	// What it has written of a response comes before what the next handler
	// writes, whose status it is.
	r := &p.sides[filter.Response]
	p.before, r.body = r.body, p.before[:0]
	r.wrote, r.read, p.status = false, 0, 0
	p.stage = stageNext
	if p.filter.silent {
		p.leave()
	}
	if b == nil {
		return filter.ActionContinue, nil
	}
	q := &p.sides[filter.Request]
	if !q.wrote && !p.features.has(bufferRequest) && q.read > 0 {
		b.Borrow(b.Take()[q.read:]) // what the guest has read is gone
	}
	q.read = 0
	return p.passRequest(b)
}

// RequestBody gives handle_request more of the body, or passes it on.
func (p *part) RequestBody(end bool) (filter.Action, error) {
	b := p.stream.Body(p, filter.Request)
	p.sides[filter.Request].ended = end
	if p.resume != nil {
		return p.goOn(b)
	}
	return p.passRequest(b)
}

// RequestTrailers ends the body, and passes the trailers on.
func (p *part) RequestTrailers() (filter.Action, error) {
	p.sides[filter.Request].ended = true
	b := p.stream.Body(p, filter.Request)
	if p.resume != nil {
		return p.goOn(b)
	}
	return p.passRequest(b)
}

// passRequest passes a piece of the body on, or what the guest has put in the
// place of all of it.
func (p *part) passRequest(b *stream.Buffer) (filter.Action, error) {
	q := &p.sides[filter.Request]
	if q.wrote {
		b.Take()
		if !q.put {
			q.put = true
			b.Splice(0, 0, q.body)
		} else if !q.ended {
			return filter.ActionDropBody, nil
		}
	}
	p.copyRequest(b.Bytes())
	if q.ended {
		p.mergeTrailers(filter.Request)
	}
	return filter.ActionContinue, nil
}

// maxCopied bounds what is kept of a request's body for handle_response, bytes.
const maxCopied = 1 << 20

// copyRequest keeps what goes on, for handle_response to read.
func (p *part) copyRequest(b []byte) {
	if !p.features.has(bufferRequest) || !p.filter.reads || p.stage != stageNext || p.dropped {
		return
	}
	if len(p.copied)+len(b) > maxCopied {
		p.dropped, p.copied = true, nil
		return
	}
	p.copied = append(p.copied, b...)
}
