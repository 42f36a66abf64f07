// Command auth-callout is a filter that asks a service whether a request may
// pass: an HTTP call, during which the request waits.
//
// The service learns of the request by the headers authorization,
// x-original-method and x-original-path. It answers 200 for yes, and one header of
// that answer goes on upstream. A 5xx, or no answer in time, is a 503 for the
// client, anything else a 403: nothing passes without a yes.
package main

import "github.com/weirproxy/weir/sdk"

func main() {} // not called: a module is a library

func init() { sdk.Register("auth-callout", New) }

type filter struct{ settings }

// New makes a filter of its configuration.
func New(r *sdk.Root) (sdk.Plugin, error) {
	c, err := parse(string(r.Config()))
	return &filter{c}, err
}

// OnRequestHeaders asks, and holds the request back until there is an answer.
func (f *filter) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	// Who the client is only the service says, never the client.
	s.Request().Del(f.header)
	call := sdk.Call{Cluster: f.cluster, Timeout: f.timeout, Headers: []sdk.Field{
		{Name: ":method", Value: "GET"},
		{Name: ":path", Value: f.path},
		{Name: ":authority", Value: f.cluster},
		{Name: "x-original-method", Value: sdk.View(s.Method())},
		{Name: "x-original-path", Value: sdk.View(s.Path())},
	}}
	if v, ok := s.Request().Get("authorization"); ok {
		call.Headers = append(call.Headers, sdk.Field{Name: "authorization", Value: sdk.View(v)})
	}
	if _, err := s.Call(call, nil); err != nil {
		sdk.Error("asking ", f.cluster, ": ", err.Error())
		unavailable(s)
	}
	return sdk.Pause
}

// OnHTTPCall is called with the answer, unless the request has ended meanwhile.
func (f *filter) OnHTTPCall(s *sdk.Stream, call uint32, r *sdk.CallResponse) {
	// Hosts answer in the place of a service that does not, with 503 or 504.
	switch status := r.Status(); {
	case status == 0 || status >= 500:
		unavailable(s)
	case status != 200:
		s.Reply(sdk.Reply{Status: 403, Body: "forbidden\n", Details: "auth_denied"})
	default:
		if v, ok := r.Headers().Get(f.header); ok {
			s.Request().SetBytes(f.header, v)
		}
		s.ContinueRequest()
	}
}

func unavailable(s *sdk.Stream) {
	s.Reply(sdk.Reply{Status: 503, Body: "authorization is not available\n", Details: "auth_unavailable"})
}
