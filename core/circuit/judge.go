package circuit

import (
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
)

// Head is what a response's head tells of a stream. It is final where nothing
// that follows can change that: a local reply, or an error.
func (p *Policy) Head(s filter.Stream) (o Outcome, final bool) {
	if s.Local() {
		return p.fault(s, Ignored), true
	}
	r := s.Response()
	switch {
	case r == nil:
		return Ignored, false
	case p.Statuses.Has(r.Status):
		return Bad, true
	case !grpc.IsCall(s.Request()):
		return Good, false
	}
	code := grpc.StatusOf(&r.Headers)
	if code == grpc.None && r.Status != 200 {
		code = grpc.FromHTTP(r.Status)
	}
	return p.call(code, Good), code != grpc.None
}

// Trailers is what a response's trailers tell of a stream whose head told so far.
func (p *Policy) Trailers(s filter.Stream, told Outcome) Outcome {
	if told != Good || !grpc.IsCall(s.Request()) {
		return told
	}
	return p.call(grpc.StatusOf(s.Trailers(filter.Response)), told)
}

// End is how a stream ended of which its response told so far.
func (p *Policy) End(s filter.Stream, told Outcome) Outcome { return p.fault(s, told) }

// Settled says whether a probe is over once its response's head was good: of a
// call it is when the status is there.
func Settled(s filter.Stream, final bool) bool { return final || !grpc.IsCall(s.Request()) }

// fault judges by the fault that ended the stream, if one did.
func (p *Policy) fault(s filter.Stream, otherwise Outcome) Outcome {
	kind, failed := s.Fault()
	if !failed {
		return otherwise
	}
	if p.Faults&kind.Failure() != 0 {
		return Bad
	}
	return Ignored
}

func (p *Policy) call(code grpc.Code, otherwise Outcome) Outcome {
	if p.GRPC.Has(code) {
		return Bad
	}
	return otherwise
}
