// Package headers is the filter "headers": it removes, sets and adds header
// fields of requests and responses, for all of them or by path and status.
//
// What the configuration says is turned into a list of operations once. Weir
// makes them by itself then (weir.edits); on other hosts, and where it cannot, a
// stream costs one host call an operation, two where a value has placeholders.
//
// Start at [New].
package headers

import "github.com/weirproxy/weir/sdk"

func init() { sdk.Register("headers", New) }

// filter is one configuration. The rules without a path are the same for all
// streams; the others are looked up by the request's path.
type filter struct {
	rules     []rule
	value     []byte // of a placeholder's field; callbacks do not overlap
	refused   sdk.Counter
	byPath    bool // a rule asks for the path
	response  bool // a rule changes the response
	request   bool // a rule changes the request
	remembers bool // a rule asks for the path and changes the response
}

// New makes the filter. What it answers has only the phases that the
// configuration needs: the others cost nothing.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.refused = sdk.NewCounter("headers_refused_total")
	f.order()
	switch {
	case f.declare():
		return declared{}, nil
	case f.remembers:
		return &remembering{f}, nil
	case f.request && f.response:
		return &both{onRequest{f}, onResponse{f}}, nil
	case f.response:
		return &onResponse{f}, nil
	}
	return &onRequest{f}, nil
}

type onRequest struct{ f *filter }

func (o *onRequest) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	o.f.change(s, o.f.match(s))
	return sdk.Continue
}

type onResponse struct{ f *filter }

func (o *onResponse) OnResponseHeaders(s *sdk.Stream, _ bool) sdk.Action {
	o.f.changeResponse(s, allRules)
	return sdk.Continue
}

// both changes requests and, whatever their path, responses.
type both struct {
	onRequest
	onResponse
}

// remembering keeps which rules a request's path met until its response
// comes: on other hosts the path can no longer be read then.
type remembering struct{ f *filter }

// NewStream is the state of a stream.
func (m *remembering) NewStream() any { return &remembered{f: m.f} }

type remembered struct {
	f     *filter
	rules uint64
}

func (m *remembered) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	m.rules = m.f.match(s)
	m.f.change(s, m.rules)
	return sdk.Continue
}

func (m *remembered) OnResponseHeaders(s *sdk.Stream, _ bool) sdk.Action {
	m.f.changeResponse(s, m.rules)
	return sdk.Continue
}

// Reset forgets the stream.
func (m *remembered) Reset() { m.rules = 0 }
