package explain

import (
	"github.com/weirproxy/weir/core/filter"
)

// part is a filter's part, whose callbacks are watched.
type part struct {
	filter.Part
	seat   *seat
	stream filter.Stream
	before state // when somebody else than a callback took hold of the stream
}

var _ filter.Metered = (*part)(nil)

// Burned implements filter.Metered.
func (p *part) Burned() uint64 {
	if m, ok := p.Part.(filter.Metered); ok {
		return m.Burned()
	}
	return 0
}

// Close implements filter.Part.
func (p *part) Close() {
	p.seat.report.CPU += p.Burned()
	p.Part.Close()
}

// RequestHeaders and its sisters implement filter.Part.
func (p *part) RequestHeaders(end bool) (filter.Action, error) {
	return p.run("request head", filter.PhaseRequestHeaders, func() (filter.Action, error) { return p.Part.RequestHeaders(end) })
}

// RequestBody see above.
func (p *part) RequestBody(end bool) (filter.Action, error) {
	return p.run("request body", filter.PhaseRequestBody, func() (filter.Action, error) { return p.Part.RequestBody(end) })
}

// RequestTrailers see above.
func (p *part) RequestTrailers() (filter.Action, error) {
	return p.run("request trailers", filter.PhaseRequestTrailers, p.Part.RequestTrailers)
}

// ResponseHeaders see above.
func (p *part) ResponseHeaders(end bool) (filter.Action, error) {
	return p.run("response head", filter.PhaseResponseHeaders, func() (filter.Action, error) { return p.Part.ResponseHeaders(end) })
}

// ResponseBody see above.
func (p *part) ResponseBody(end bool) (filter.Action, error) {
	return p.run("response body", filter.PhaseResponseBody, func() (filter.Action, error) { return p.Part.ResponseBody(end) })
}

// ResponseTrailers see above.
func (p *part) ResponseTrailers() (filter.Action, error) {
	return p.run("response trailers", filter.PhaseResponseTrailers, p.Part.ResponseTrailers)
}

// run watches a callback.
func (p *part) run(phase string, of filter.Phases, call func() (filter.Action, error)) (filter.Action, error) {
	r := p.seat.rec
	p.seat.report.Seen = "yes"
	before := r.begin(p.seat, p.stream, phase)
	action, err := call()
	r.note(func(s *Step) {
		s.By = p.by(of)
		switch {
		case err != nil:
			s.Verdict, s.Error = "failed", r.masks.text(err.Error())
		case s.Verdict != "continue": // a reply, a reset, an early resumption
		case action == filter.ActionPause || action == filter.ActionPauseBuffering:
			s.Verdict = "pause"
		case action == filter.ActionDropBody:
			s.Verdict = "drop body"
		}
	})
	r.end(p.seat, p.stream, before, false)
	return action, err
}

// by is who acts in a phase.
func (p *part) by(of filter.Phases) string {
	f, ok := p.seat.Filter.(phases)
	switch {
	case !ok || f.Edits()&of == 0:
		return "callback"
	case f.Called()&of == 0:
		return "edits"
	}
	return "edits and callback"
}
