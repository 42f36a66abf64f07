// Command headers is a guest of our SDK for the host's tests and benchmarks:
// it reads one header and adds another, and answers 413 to a request whose
// header is too large.
package main

import "github.com/weirproxy/weir/sdk"

func init() { sdk.Register("headers", newPlugin) }

func main() {}

type plugin struct{ name string }

func newPlugin(r *sdk.Root) (sdk.Plugin, error) { return &plugin{string(r.Config())}, nil }

// OnRequestHeaders adds a header, with its value that of another.
func (p *plugin) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	id, ok := s.Request().Get("x-request-id")
	if !ok {
		return sdk.Continue
	}
	if len(id) > 20_000 {
		s.Reply(sdk.Reply{Status: 413, Body: sdk.View(id[:3])})
		return sdk.Pause
	}
	s.Request().Add(p.name, sdk.View(id))
	return sdk.Continue
}
