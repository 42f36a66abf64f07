package proxywasm

import (
	"net/http"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/wasm"
)

// This file is the part as its chain sees it: filter.Part.
var _ filter.Part = (*part)(nil)

// RequestHeaders makes on_request_headers.
func (p *part) RequestHeaders(end bool) (filter.Action, error) {
	if p.ofConnection() {
		return p.newConnection()
	}
	switch outcome := p.edit(filter.PhaseRequestHeaders); {
	case outcome == edit.Refused:
		return filter.ActionPause, nil
	case outcome == edit.Spared, !p.called(filter.PhaseRequestHeaders):
		return p.uncalled(filter.Request, end)
	}
	i, err := p.enter()
	if err != nil {
		return 0, err
	}
	defer p.group.lane.Unlock()
	p.held[filter.Request] = true
	n := countRequest(p.stream.Request())
	v, err := p.run(i, i.fn.requestHeaders, uint64(n), bit(end))
	return p.pass(filter.Request, end, p.headAction(v), err)
}

// RequestBody makes on_request_body.
func (p *part) RequestBody(end bool) (filter.Action, error) {
	return p.body(filter.Request, end)
}

// RequestTrailers makes on_request_trailers.
func (p *part) RequestTrailers() (filter.Action, error) {
	return p.trailers(filter.Request)
}

// ResponseHeaders makes on_response_headers.
func (p *part) ResponseHeaders(end bool) (filter.Action, error) {
	p.judgeCircuit()
	switch outcome := p.edit(filter.PhaseResponseHeaders); {
	case outcome == edit.Refused:
		return filter.ActionPause, nil
	case outcome == edit.Spared, !p.called(filter.PhaseResponseHeaders):
		return p.uncalled(filter.Response, end)
	}
	i, err := p.enter()
	if err != nil {
		return 0, err
	}
	defer p.group.lane.Unlock()
	p.held[filter.Response] = true
	n := countResponse(p.stream.Response())
	v, err := p.run(i, i.fn.responseHeaders, uint64(n), bit(end))
	return p.pass(filter.Response, end, p.headAction(v), err)
}

// ResponseBody makes on_response_body.
func (p *part) ResponseBody(end bool) (filter.Action, error) {
	return p.body(filter.Response, end)
}

// ResponseTrailers makes on_response_trailers.
func (p *part) ResponseTrailers() (filter.Action, error) {
	p.judgeTrailers()
	if !p.called(filter.PhaseResponseTrailers) {
		return p.uncalled(filter.Response, true)
	}
	return p.trailers(filter.Response)
}

func (p *part) body(d filter.Direction, end bool) (filter.Action, error) {
	if p.ofConnection() {
		return p.data(d, end)
	}
	i, err := p.enter()
	if err != nil {
		return 0, err
	}
	defer p.group.lane.Unlock()
	f := i.fn.requestBody
	if d == filter.Response {
		f = i.fn.responseBody
	}
	i.frame.end = end
	size := 0
	if b := p.stream.Body(p, d); b != nil {
		size = b.Len()
	}
	v, err := p.run(i, f, uint64(size), bit(end))
	return p.pass(d, end, p.guarded(d, bodyAction(v)), err)
}

func (p *part) trailers(d filter.Direction) (filter.Action, error) {
	i, err := p.enter()
	if err != nil {
		return 0, err
	}
	defer p.group.lane.Unlock()
	f := i.fn.requestTrailers
	if d == filter.Response {
		f = i.fn.responseTrailers
	}
	n := 0
	if t := p.stream.Trailers(d); t != nil {
		n = t.Len()
	}
	v, err := p.run(i, f, uint64(n), 0)
	action := filter.ActionContinue
	if uint32(v) != 0 {
		action = filter.ActionPause
	}
	return p.pass(d, true, p.guarded(d, action), err)
}

// pass settles a callback: what will not come to the part any more is noted,
// and a head that the filter broke is answered for.
func (p *part) pass(d filter.Direction, end bool, a filter.Action, err error) (filter.Action, error) {
	if err != nil {
		return 0, err
	}
	p.ended[d] = p.ended[d] || end
	if a == filter.ActionContinue {
		p.resumed(d)
		p.settle()
	}
	return a, nil
}

// resumed notes that what the part holds in a direction goes on.
func (p *part) resumed(d filter.Direction) {
	p.held[d] = false
	gone := [...]filter.Phases{filter.PhaseRequestHeaders, filter.PhaseResponseHeaders}[d]
	if p.ofConnection() {
		gone = p.goneOfConnection(d)
	} else if p.ended[d] {
		gone = [...]filter.Phases{
			filter.PhaseRequestHeaders | filter.PhaseRequestBody | filter.PhaseRequestTrailers,
			filter.AllPhases &^ filter.PhaseLog, // a response that is over ends the request too
		}[d]
	}
	p.left &^= gone
}

// run makes one callback of the part. f is nil where the guest declared a
// phase that it does not export.
func (p *part) run(i *instance, f *wasm.Function, a, b uint64) (uint64, error) {
	if f == nil {
		return 0, nil
	}
	i.enter(kindPhase, target{p.root, p})
	v, err := i.in.Call(f, uint64(p.id), a, b)
	i.leave()
	return v, err
}

// settle answers the stream itself when the filter left a head that cannot be
// sent on: without a method, a path or a status.
func (p *part) settle() {
	if !p.hurt {
		return
	}
	p.hurt = false
	const details = "filter_removed_required_"
	if r := p.stream.Request(); p.stream.HeadWritable(filter.Request) {
		if len(r.Method) == 0 {
			p.stream.Reply(missing(http.StatusServiceUnavailable, details+"request_headers", nameMethod))
			return
		}
		if len(r.Path) == 0 {
			p.stream.Reply(filter.Reply{Status: http.StatusNotFound, Details: "route_not_found", GRPC: -1})
			return
		}
	}
	if r := p.stream.Response(); r != nil && r.Status == 0 {
		p.stream.Reply(missing(http.StatusBadGateway, details+"response_headers", nameStatus))
	}
}

// missing is Envoy's answer for a head without what it must have.
func missing(code int, details, name string) filter.Reply {
	return filter.Reply{Status: code, Details: details, Body: []byte("missing required header: " + name), GRPC: -1}
}

// Log makes on_log.
func (p *part) Log() {
	p.edit(filter.PhaseLog)
	if !p.called(filter.PhaseLog) {
		return
	}
	i, err := p.enter()
	if err != nil {
		return // the stream is over: nobody is left to tell
	}
	defer p.group.lane.Unlock()
	p.left, p.logged = 0, true
	if p.ofConnection() {
		p.closed(i)
		return
	}
	f := i.fn.log
	if f == nil {
		return
	}
	i.enter(kindLog, target{p.root, p})
	i.in.Call(f, uint64(p.id)) // its failure ends the instance, not this stream
	i.leave()
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
