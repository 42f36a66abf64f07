package httpwasm

import (
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/wasm"
)

// stage is how far a stream's guest has come.
type stage uint8

const (
	stageNew      stage = iota
	stageRequest        // handle_request runs, or waits for the body
	stageNext           // it asked for the next handler: handle_response is due
	stageResponse       // handle_response runs
	stageOver           // nothing is to come
)

// part is a filter's side of one stream. Its stream's owner calls it.
type part struct {
	filter *Filter
	stream filter.Stream

	lane     *wasm.Lane // ours from handle_request to the end of handle_response
	guest    *instance
	stage    stage
	features features
	ctx      uint32 // what handle_request hands to handle_response
	next     bool   // what it answered
	err      error  // what ended the callback
	failed   bool   // the response is none of the upstream's or of a filter's
	consumed bool   // pieces of the request's body are gone, which the guest has read

	resume func() (struct{}, bool) // the coroutine of a handle_request that waits
	wait   func()                  // what it waits by

	sides   [2]side
	early   stream.Headers // of the response, set before there is one
	status  int            // the same; 0: not set
	before  []byte         // of the response's body, the same
	written int            // bytes of fields
	copied  []byte         // the request's body as it went on, with bufferRequest
	dropped bool           // it was longer than is kept
	burned  uint64         // fuel, by the callbacks
}

// side is a part's state of one direction.
type side struct {
	read    int            // bytes of the body that is shown, read by the guest
	ended   bool           // the message's end was seen
	wrote   bool           // the guest has given it another body
	put     bool           // which has been passed on
	body    []byte         // that body
	pending stream.Headers // trailers that the guest set before there were any
}

// enter takes an instance for the stream.
func (p *part) enter() error {
	l, err := p.filter.pool.Take()
	if err != nil {
		p.filter.refused(err)
		return err
	}
	l.Lock()
	in := l.Instance()
	l.Unlock()
	if in == nil { // the filter is being closed
		p.filter.pool.Give(l)
		return fault.New(fault.GuestUnavailable, "taking an instance of filter "+p.filter.spec.Name, nil)
	}
	p.lane, p.guest = l, in.User.(*instance)
	p.guest.part = p
	p.features = p.guest.base
	return nil
}

// leave gives the instance back, whatever has become of it.
func (p *part) leave() {
	p.stage = stageOver
	if p.lane == nil {
		return
	}
	p.guest.part = nil
	p.guest.rest()
	l := p.lane
	p.lane, p.guest = nil, nil
	p.filter.pool.Give(l)
}

// callRequest runs handle_request to its end.
func (p *part) callRequest() {
	p.lane.Lock()
	before := p.lane.Fuel()
	answer, err := p.guest.in.Call(p.guest.request)
	p.burned += p.lane.Fuel() - before
	p.lane.Unlock()
	p.err = err
	p.next, p.ctx = uint32(answer) != 0, uint32(answer>>32)
}

// callResponse runs handle_response, and gives the instance back.
func (p *part) callResponse() error {
	p.stage = stageResponse
	isError := uint64(0)
	if p.failed {
		isError = 1
	}
	p.lane.Lock()
	before := p.lane.Fuel()
	_, p.err = p.guest.in.Call(p.guest.response, uint64(p.ctx), isError)
	p.burned += p.lane.Fuel() - before
	p.lane.Unlock()
	p.leave()
	return p.err
}

// Burned implements filter.Metered.
func (p *part) Burned() uint64 { return p.burned }

// Log has nothing to say: the ABI has no callback for it.
func (p *part) Log() {}

// Close ends the part. A guest that was told of the request's beginning is told
// of its end, whatever has become of it.
func (p *part) Close() {
	if p.stage == stageRequest {
		p.abandon()
	}
	if p.stage == stageNext {
		p.failed = p.failed || !p.sides[filter.Response].ended
		_ = p.callResponse() // the stream is over: nobody is left to tell
	}
	p.leave()
	p.release()
}

// abandon has a handle_request that waits for the body see its end: its stream
// was answered without it. What it answers is of no interest any more.
func (p *part) abandon() {
	p.sides[filter.Request].ended = true
	for waits := p.resume != nil; waits; {
		_, waits = p.resume()
	}
	p.resume, p.failed = nil, true
	if p.err != nil || !p.next || p.filter.silent {
		p.leave()
		return
	}
	p.stage = stageNext
}

// maxKept bounds what of a body a pooled part holds on to, in bytes.
const maxKept = 64 << 10

// release lays the part by for another stream.
func (p *part) release() {
	for d := range p.sides {
		s := &p.sides[d]
		*s = side{body: shrunk(s.body), pending: s.pending}
		s.pending.Reset()
	}
	p.early.Reset()
	p.stream, p.stage, p.features, p.ctx, p.next, p.err, p.failed, p.consumed = nil, stageNew, 0, 0, false, nil, false, false
	p.resume, p.wait = nil, nil
	p.burned = 0
	p.status, p.written, p.before, p.copied, p.dropped = 0, 0, shrunk(p.before), shrunk(p.copied), false
	p.filter.parts.Put(p)
}

func shrunk(b []byte) []byte {
	if cap(b) > maxKept {
		return nil
	}
	return b[:0]
}
