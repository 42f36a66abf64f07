package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// OnRequestHeaders is a phase.
func (g *guest) OnRequestHeaders(id, count uint32, end bool) uint32 {
	abi.BeginCallback()
	s := g.stream(id)
	if s == nil || s.h.requestHeaders == nil {
		return uint32(Continue)
	}
	return uint32(s.h.requestHeaders.OnRequestHeaders(s, end))
}

// OnRequestBody is a phase.
func (g *guest) OnRequestBody(id, size uint32, end bool) uint32 {
	abi.BeginCallback()
	s := g.stream(id)
	if s == nil || s.h.requestBody == nil {
		return uint32(Continue)
	}
	return uint32(s.h.requestBody.OnRequestBody(s, int(size), end))
}

// OnRequestTrailers is a phase.
func (g *guest) OnRequestTrailers(id, count uint32) uint32 {
	abi.BeginCallback()
	s := g.stream(id)
	if s == nil || s.h.requestTrailers == nil {
		return uint32(Continue)
	}
	return uint32(s.h.requestTrailers.OnRequestTrailers(s))
}

// OnResponseHeaders is a phase.
func (g *guest) OnResponseHeaders(id, count uint32, end bool) uint32 {
	abi.BeginCallback()
	s := g.stream(id)
	if s == nil || s.h.responseHeaders == nil {
		return uint32(Continue)
	}
	return uint32(s.h.responseHeaders.OnResponseHeaders(s, end))
}

// OnResponseBody is a phase.
func (g *guest) OnResponseBody(id, size uint32, end bool) uint32 {
	abi.BeginCallback()
	s := g.stream(id)
	if s == nil || s.h.responseBody == nil {
		return uint32(Continue)
	}
	return uint32(s.h.responseBody.OnResponseBody(s, int(size), end))
}

// OnResponseTrailers is a phase.
func (g *guest) OnResponseTrailers(id, count uint32) uint32 {
	abi.BeginCallback()
	s := g.stream(id)
	if s == nil || s.h.responseTrailers == nil {
		return uint32(Continue)
	}
	return uint32(s.h.responseTrailers.OnResponseTrailers(s))
}

// OnLog is a phase.
func (g *guest) OnLog(id uint32) {
	abi.BeginCallback()
	s := g.stream(id)
	if s == nil || s.h.log == nil {
		return
	}
	s.h.log.OnLog(s)
}
