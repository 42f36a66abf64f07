package main

import "github.com/weirproxy/weir/sdk"

func init() { sdk.Register("marker", newMarker) }

// marker adds its "name" to x-there of requests and x-back of responses. A
// request with "x-reply: NAME PHASE" is answered in that phase.
type marker struct{ name string }

func newMarker(r *sdk.Root) (sdk.Plugin, error) {
	c, err := settings(r)
	return &marker{c["name"]}, err
}

func (p *marker) reply(s *sdk.Stream, phase string) sdk.Action {
	if v, ok := s.Request().Get("x-reply"); !ok || string(v) != p.name+" "+phase {
		return sdk.Continue
	}
	s.Reply(sdk.Reply{Status: 418, Body: p.name + " in " + phase, Headers: []sdk.Field{{Name: "x-by", Value: p.name}}, Details: "teapot"})
	return sdk.Pause
}

func (p *marker) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	s.Request().Add("x-there", p.name)
	return p.reply(s, "request_headers")
}

func (p *marker) OnRequestBody(s *sdk.Stream, size int, end bool) sdk.Action {
	return p.reply(s, "request_body")
}

func (p *marker) OnRequestTrailers(s *sdk.Stream) sdk.Action { return p.reply(s, "request_trailers") }

func (p *marker) OnResponseHeaders(s *sdk.Stream, end bool) sdk.Action {
	s.Response().Add("x-back", p.name)
	return p.reply(s, "response_headers")
}

func (p *marker) OnResponseBody(s *sdk.Stream, size int, end bool) sdk.Action {
	return p.reply(s, "response_body")
}

func (p *marker) OnResponseTrailers(s *sdk.Stream) sdk.Action {
	return p.reply(s, "response_trailers")
}
