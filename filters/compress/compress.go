// Package compress is the filter "compress": it has responses encoded with gzip,
// br or zstd for clients that accept that.
//
// The filter decides by the two heads; the host encodes the body while it streams by
// (weir.encode). Hosts that cannot, pass bodies on as they are.
//
// Start at [New].
package compress

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("compress", New) }

// filter is one configuration.
type filter struct {
	codings    []weir.Coding // the preferred one first
	level      int
	minLength  int64
	types      []mediaType
	removeETag bool

	encoded sdk.Counter
	full    sdk.Counter
}

// New makes the filter.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{codings: []weir.Coding{weir.Brotli, weir.Zstd, weir.Gzip}, level: 5, minLength: 256}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	// Where it is known it is refused here, for there is no response.
	if weir.Encode(weir.Gzip, f.level) == sdk.ErrNotFound {
		sdk.Warn("this host encodes no bodies (it has no weir.encode): responses go on as they are")
		return passing{}, nil
	}
	f.encoded = sdk.NewCounter("compress_encoded_total")
	f.full = sdk.NewCounter("compress_refused_total")
	var order weir.Order
	order.Encodes()
	order.Declare()
	return f, nil
}

// passing is the filter on a host that cannot encode.
type passing struct{}

// OnResponseHeaders decides what becomes of a response. end says that it has no
// body, as with HEAD: its head still tells what it would vary by.
func (f *filter) OnResponseHeaders(s *sdk.Stream, end bool) sdk.Action {
	var to response
	to.read(s.Response())
	if !f.fit(&to) {
		return sdk.Continue
	}
	var from request
	from.read(s.Request())
	if from.noTransform {
		return sdk.Continue
	}
	short := to.length >= 0 && to.length < f.minLength
	if short && !from.accepts.refusesIdentity() {
		return sdk.Continue
	}
	if !to.varies {
		s.Response().Add("vary", "accept-encoding")
	}
	coding := from.accepts.choose(f.codings)
	if coding == identity || end {
		return sdk.Continue
	}
	if f.removeETag {
		s.Response().Del("etag")
	}
	switch weir.Encode(coding, f.level) {
	case nil:
		f.encoded.Add(1)
	case sdk.ErrInternal:
		f.full.Add(1)
	}
	return sdk.Continue
}
