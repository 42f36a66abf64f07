// Package requestid is the filter "requestid": it gives every request an id
// that follows it through services and logs.
//
// Start at [New].
package requestid

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("requestid", New) }

// maxID bounds an id that is kept, in bytes.
const maxID = 128

// standard is the header that the access log knows.
const standard = "x-request-id"

// logProperty tells the access log.
const logProperty = "log.request_id"

// filter is one configuration.
type filter struct {
	header   string
	all      string // path of the property that has all values of the header
	keep     bool
	time     bool // UUIDs of version 7, which begin with the time; else 4
	response bool
	log      bool
}

// New makes the filter.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{header: standard, keep: true, time: true, response: true}
	logGiven := false
	c := jsonconf.New(r.Config())
	c.Object(func(key []byte) {
		switch string(key) {
		case "header":
			f.header = c.HeaderName()
		case "keep":
			f.keep = c.Bool()
		case "format":
			f.time = c.OneOf("uuidv7", "uuidv4") == "uuidv7"
		case "response":
			f.response = c.Bool()
		case "log":
			f.log, logGiven = c.Bool(), true
		default:
			c.Unknown("header", "keep", "format", "response", "log")
		}
	})
	if err := c.Err(); err != nil {
		return nil, err
	}
	f.all = "request\x00headers\x00" + f.header
	if !logGiven {
		f.log = f.header != standard // which the access log has by itself
	}
	var order weir.Order
	if f.log {
		order.Sets(logProperty)
	}
	order.Declare()
	switch {
	case f.declare():
		return declared{}, nil
	case !f.response:
		return &stateless{f: f}, nil
	case weir.Here():
		return &rereading{stateless{f: f}}, nil
	}
	return f, nil
}

// NewStream is the state of a stream.
func (f *filter) NewStream() any { return &stream{f: f} }

// stream keeps the id until the response: on other hosts the request can no
// longer be read then.
type stream struct {
	f  *filter
	id [maxID]byte
	n  int
}

func (x *stream) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	x.n = len(x.f.identify(s, x.id[:0]))
	return sdk.Continue
}

func (x *stream) OnResponseHeaders(s *sdk.Stream, _ bool) sdk.Action {
	if x.n > 0 {
		s.Response().SetBytes(x.f.header, x.id[:x.n])
	}
	return sdk.Continue
}

// Reset forgets the stream.
func (x *stream) Reset() { x.n = 0 }

// stateless looks at requests alone.
type stateless struct {
	f  *filter
	id [maxID]byte // of the request at hand; callbacks do not overlap
}

func (x *stateless) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	x.f.identify(s, x.id[:0])
	return sdk.Continue
}

// rereading takes the id for the response from the request, which Weir lets
// filters read to the stream's end: no state, so no context either.
type rereading struct{ stateless }

func (x *rereading) OnResponseHeaders(s *sdk.Stream, _ bool) sdk.Action {
	if id, ok := s.Request().Get(x.f.header); ok {
		s.Response().SetBytes(x.f.header, id)
	}
	return sdk.Continue
}

// identify finds the request's id or gives it one, and appends it to dst,
// which has room.
func (f *filter) identify(s *sdk.Stream, dst []byte) []byte {
	h := s.Request()
	given, there := sdk.Property(f.all) // several come with commas, which no id has
	if there && f.keep && acceptable(given) {
		dst = append(dst, given...)
	} else {
		if f.time {
			dst = appendV7(dst, sdk.NowNano())
		} else {
			dst = appendV4(dst)
		}
		h.SetBytes(f.header, dst)
	}
	if f.log {
		sdk.SetProperty(logProperty, sdk.View(dst))
	}
	return dst
}

// acceptable says whether an id from outside can go into logs and headers as
// it is.
func acceptable(id []byte) bool {
	for _, c := range id {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '_', c == '.', c == '~', c == '+', c == '/', c == '=', c == ':', c == '@':
		default:
			return false
		}
	}
	return len(id) > 0 && len(id) <= maxID
}
