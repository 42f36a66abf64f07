package main

import (
	"time"

	"github.com/weirproxy/weir/sdk"
)

func init() { sdk.Register("waiter", newWaiter) }

// waiter pauses in the phase that a request's x-pause names, for good or, with
// "tick", until its timer comes.
type waiter struct {
	ticks   bool
	waiting []uint32
}

func newWaiter(r *sdk.Root) (sdk.Plugin, error) {
	c, err := settings(r)
	if err != nil {
		return nil, err
	}
	p := &waiter{ticks: c["tick"] != ""}
	if p.ticks {
		var period time.Duration
		if period, err = duration(c["tick"]); err == nil {
			err = r.SetTick(period)
		}
	}
	return p, err
}

func (p *waiter) pause(s *sdk.Stream, phase string) sdk.Action {
	if v, ok := s.Request().Get("x-pause"); !ok || string(v) != phase {
		return sdk.Continue
	}
	if p.ticks {
		p.waiting = append(p.waiting, s.ID())
	}
	return sdk.Pause
}

func (p *waiter) OnTick(r *sdk.Root) {
	for _, id := range p.waiting {
		s, ok := r.Enter(id)
		if !ok {
			continue
		}
		s.ContinueRequest()
		s.ContinueResponse()
	}
	p.waiting = p.waiting[:0]
}

func (p *waiter) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	return p.pause(s, "request_headers")
}

func (p *waiter) OnRequestBody(s *sdk.Stream, size int, end bool) sdk.Action {
	s.Request().Set("x-saw-body", "yes")
	if !end {
		return sdk.Continue
	}
	return p.pause(s, "request_body")
}

func (p *waiter) OnResponseHeaders(s *sdk.Stream, end bool) sdk.Action {
	return p.pause(s, "response_headers")
}

func (p *waiter) OnResponseBody(s *sdk.Stream, size int, end bool) sdk.Action {
	if !end {
		return sdk.Continue
	}
	return p.pause(s, "response_body")
}
