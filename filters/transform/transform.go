// Package transform is the filter "transform": it changes the JSON bodies of
// requests and responses.
//
// The filter gathers a body; the host changes it (weir.json_edit), small ones at once and
// larger ones beside the lane.
//
// Start at [New].
package transform

import (
	"github.com/weirproxy/weir/filters/internal/accepts"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("transform", New) }

// filter is one configuration.
type filter struct {
	request, response rules
	maxSize           int
	pass              bool // what cannot be changed goes on as it is

	changed, refused, passed sdk.Counter
}

// New makes the filter. It needs a host that changes JSON.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{maxSize: 256 << 10}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.changed = sdk.NewCounter("transform_changed_total")
	f.refused = sdk.NewCounter("transform_refused_total")
	f.passed = sdk.NewCounter("transform_passed_total")
	f.order()
	return f, nil
}

// order says what the filter needs of others: whole bodies, and what values look at.
func (f *filter) order() {
	var order weir.Order
	if f.response.edits.Any() {
		order.Parses()
	}
	for i := range f.request.templates {
		f.request.templates[i].Properties(order.Reads)
	}
	for i := range f.response.templates {
		f.response.templates[i].Properties(order.Logs)
	}
	order.Declare()
}

// NewStream makes what is kept of a stream.
func (f *filter) NewStream() any { return &stream{filter: f} }

// stream is one request and its response.
type stream struct {
	*filter
	asked   half
	answer  half
	accepts accepts.Kept // where the response is to be changed
}

// half is one direction of a stream.
type half struct {
	active  bool   // its body is gathered
	waiting bool   // for the host
	call    uint32 // that is waited for
}

// Reset forgets the stream.
func (x *stream) Reset() {
	x.asked, x.answer = half{}, half{}
	x.accepts.Reset()
}

// OnRequestHeaders holds the head of a request whose body is to be changed. Where the
// response is to be changed the upstream must send it whole and not encoded.
func (x *stream) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	h := s.Request()
	if x.response.edits.Any() {
		h.Del("range")
		x.accepts.Take(h)
	}
	if end || !x.request.edits.Any() || !isJSON(h) {
		return sdk.Continue
	}
	if encoded(h) {
		return x.failed(s, request, sdk.Continue)
	}
	if n, ok := h.Get("content-length"); ok && longer(n, x.maxSize) {
		return x.tooLarge(s, request, sdk.Continue)
	}
	x.asked.active = true
	return sdk.Pause
}

// OnRequestBody gathers the body and has it changed.
func (x *stream) OnRequestBody(s *sdk.Stream, size int, end bool) sdk.Action {
	return x.gather(s, request, size, end)
}

// OnRequestTrailers has the body changed that ends with them.
func (x *stream) OnRequestTrailers(s *sdk.Stream) sdk.Action { return x.change(s, request) }

// OnResponseHeaders holds the head of a response whose body is to be changed.
func (x *stream) OnResponseHeaders(s *sdk.Stream, end bool) sdk.Action {
	h := s.Response()
	if !x.response.edits.Any() {
		return sdk.Continue
	}
	x.accepts.Tell()
	if !isJSON(h) {
		return sdk.Continue
	}
	if end {
		if bodiless(s) && !encoded(h) {
			x.adapt(h)
		}
		return sdk.Continue
	}
	if encoded(h) || h.Has("content-range") {
		return x.failed(s, response, sdk.Continue)
	}
	if n, ok := h.Get("content-length"); ok && longer(n, x.maxSize) {
		return x.tooLarge(s, response, sdk.Continue)
	}
	x.answer.active = true
	return sdk.Pause
}

// OnResponseBody gathers the body and has it changed.
func (x *stream) OnResponseBody(s *sdk.Stream, size int, end bool) sdk.Action {
	return x.gather(s, response, size, end)
}

// OnResponseTrailers has the body changed that ends with them.
func (x *stream) OnResponseTrailers(s *sdk.Stream) sdk.Action { return x.change(s, response) }

// OnForeign gets what the host has made of a large body.
func (x *stream) OnForeign(s *sdk.Stream, function uint32, args []byte) {
	for d := range directions {
		h := x.half(d)
		if !h.waiting || h.call != function {
			continue
		}
		h.waiting = false
		document, err := weir.ReadJSON(args)
		if x.put(s, d, document, err) != sdk.Continue {
			return
		}
		if d == request {
			s.ContinueRequest()
		} else {
			s.ContinueResponse()
		}
		return
	}
}
