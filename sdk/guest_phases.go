package sdk

// OnRequestHeaders is a phase.
func (g *guest) OnRequestHeaders(id, count uint32, end bool) uint32 {
	g.begin("on_request_headers")
	s := g.contexts.stream(id)
	if s == nil || s.h.requestHeaders == nil {
		return uint32(Continue)
	}
	defer g.guard()
	return uint32(s.h.requestHeaders.OnRequestHeaders(s, end))
}

// OnRequestBody is a phase.
func (g *guest) OnRequestBody(id, size uint32, end bool) uint32 {
	g.begin("on_request_body")
	s := g.contexts.stream(id)
	if s == nil || s.h.requestBody == nil {
		return uint32(Continue)
	}
	defer g.guard()
	return uint32(s.h.requestBody.OnRequestBody(s, int(size), end))
}

// OnRequestTrailers is a phase.
func (g *guest) OnRequestTrailers(id, count uint32) uint32 {
	g.begin("on_request_trailers")
	s := g.contexts.stream(id)
	if s == nil || s.h.requestTrailers == nil {
		return uint32(Continue)
	}
	defer g.guard()
	return uint32(s.h.requestTrailers.OnRequestTrailers(s))
}

// OnResponseHeaders is a phase.
func (g *guest) OnResponseHeaders(id, count uint32, end bool) uint32 {
	g.begin("on_response_headers")
	s := g.contexts.stream(id)
	if s == nil || s.h.responseHeaders == nil {
		return uint32(Continue)
	}
	defer g.guard()
	return uint32(s.h.responseHeaders.OnResponseHeaders(s, end))
}

// OnResponseBody is a phase.
func (g *guest) OnResponseBody(id, size uint32, end bool) uint32 {
	g.begin("on_response_body")
	s := g.contexts.stream(id)
	if s == nil || s.h.responseBody == nil {
		return uint32(Continue)
	}
	defer g.guard()
	return uint32(s.h.responseBody.OnResponseBody(s, int(size), end))
}

// OnResponseTrailers is a phase.
func (g *guest) OnResponseTrailers(id, count uint32) uint32 {
	g.begin("on_response_trailers")
	s := g.contexts.stream(id)
	if s == nil || s.h.responseTrailers == nil {
		return uint32(Continue)
	}
	defer g.guard()
	return uint32(s.h.responseTrailers.OnResponseTrailers(s))
}

// OnLog is a phase.
func (g *guest) OnLog(id uint32) {
	g.begin("on_log")
	s := g.contexts.stream(id)
	if s == nil || s.h.log == nil {
		return
	}
	defer g.guard()
	s.h.log.OnLog(s)
}
