package httpwasm

import (
	"net/http"
	"strconv"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// This file is the response: handle_response runs when its head is there, or,
// with features that need it, when all of it is.

// ResponseHeaders merges what handle_request has set, and runs handle_response
// unless that has to wait for the end.
func (p *part) ResponseHeaders(end bool) (filter.Action, error) {
	if p.stage == stageRequest {
		p.abandon()
	}
	r := &p.sides[filter.Response]
	p.mergeEarly()
	b := p.stream.AddBody(p, filter.Response)
	p.putBefore(b)
	if p.stage != stageNext {
		return filter.ActionContinue, nil
	}
	_, refused := p.stream.Refused()
	p.failed = p.failed || refused
	r.ended = end
	switch {
	case end:
		return p.responseDone(b)
	case p.features.has(bufferResponse):
		return filter.ActionPauseBuffering, nil
	case p.features.has(trailers):
		return filter.ActionContinue, nil
	}
	return filter.ActionContinue, p.callResponse()
}

// ResponseBody holds the body back until its end, if it is buffered.
func (p *part) ResponseBody(end bool) (filter.Action, error) {
	b := p.stream.Body(p, filter.Response)
	p.putBefore(b)
	if p.stage != stageNext {
		if end {
			p.mergeTrailers(filter.Response)
		}
		return filter.ActionContinue, nil
	}
	r := &p.sides[filter.Response]
	r.ended = end
	switch {
	case end:
		return p.responseDone(b)
	case p.features.has(bufferResponse):
		return filter.ActionPause, nil
	}
	return filter.ActionContinue, nil
}

// ResponseTrailers ends the body.
func (p *part) ResponseTrailers() (filter.Action, error) {
	b := p.stream.Body(p, filter.Response)
	p.putBefore(b)
	if p.stage != stageNext {
		p.mergeTrailers(filter.Response)
		return filter.ActionContinue, nil
	}
	p.sides[filter.Response].ended = true
	return p.responseDone(b)
}

// responseDone runs handle_response at the end of the response.
func (p *part) responseDone(b *stream.Buffer) (filter.Action, error) {
	r := &p.sides[filter.Response]
	err := p.callResponse()
	if err == nil && r.wrote && b != nil {
		b.Splice(0, b.Len(), r.body)
	}
	p.mergeTrailers(filter.Response)
	return filter.ActionContinue, err
}

// putBefore puts what handle_request has written of the body before what comes.
func (p *part) putBefore(b *stream.Buffer) {
	if b != nil && len(p.before) > 0 {
		b.Splice(0, 0, p.before)
		p.before = p.before[:0]
	}
}

// mergeEarly gives the response the fields that were set before there was one.
// Where it has fields of the same name, those stay.
func (p *part) mergeEarly() {
	h := p.stream.Response()
	if h == nil || p.early.Len() == 0 {
		return
	}
	n := h.Headers.Len()
	for _, f := range p.early.Fields() {
		taken := false
		for k := range n {
			taken = taken || string(h.Headers.At(k).Name) == string(f.Name)
		}
		if !taken {
			h.Headers.Add(f.Name, f.Value)
		}
	}
	p.early.Reset()
}

// mergeTrailers gives a message that ends the trailers that the guest has set
// before there were any, in the place of those of the same names.
func (p *part) mergeTrailers(d filter.Direction) {
	pending := &p.sides[d].pending
	if pending.Len() == 0 {
		return
	}
	t := p.stream.AddTrailers(d)
	if t == nil {
		return // a message without a body has no place for trailers
	}
	for _, f := range pending.Fields() {
		t.DelFunc(func(old *stream.Field) bool { return string(old.Name) == string(f.Name) })
	}
	for _, f := range pending.Fields() {
		t.Add(f.Name, f.Value)
	}
	pending.Reset()
}

// reply answers with what handle_request has made.
func (p *part) reply() error {
	r := &p.sides[filter.Response]
	reply := filter.Reply{Status: p.status, Details: "http_wasm_reply", Headers: &p.early, Body: r.body, GRPC: -1}
	if reply.Status == 0 {
		reply.Status = http.StatusOK
	}
	if r.pending.Len() > 0 {
		reply.Trailers = &r.pending
	}
	if code, ok := p.early.Get("grpc-status"); ok {
		if n, err := strconv.Atoi(string(code)); err == nil {
			reply.GRPC = int32(n)
		}
	}
	err := p.stream.Reply(reply)
	p.early.Reset()
	r.pending.Reset()
	return err
}
