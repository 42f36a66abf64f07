// Package ratelimit is the filter "ratelimit": it bounds how many requests a
// client, a tenant or a route gets through in a time.
//
// The counters are in the host (weir.rate_take): exact over all lanes, and
// neither a trap nor a reload forgets them. A request that a single limit
// allows is let through by the host (weir.edits); any other costs one host call
// a limit beside what its key takes.
//
// Start at [New].
package ratelimit

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("ratelimit", New) }

// filter is one configuration.
type filter struct {
	limits []limit
	fields fields
	always bool // tell every client how it stands
	open   bool // let requests through that cannot be counted
	dry    bool // count, but let all through

	buf         []byte // of a reply's values; callbacks do not overlap
	allowed     sdk.Counter
	denied      sdk.Counter
	unavailable sdk.Counter
}

// New makes the filter. It needs a host that counts.
func New(r *sdk.Root) (sdk.Plugin, error) {
	if !weir.Here() {
		return nil, failure("the host has no weir.rate_take; ratelimit runs in Weir only")
	}
	f := &filter{}
	name, _ := sdk.Property("plugin_name")
	if err := f.read(r.Config(), string(name)); err != nil {
		return nil, err
	}
	f.allowed = sdk.NewCounter("ratelimit_allowed_total")
	f.denied = sdk.NewCounter("ratelimit_denied_total")
	f.unavailable = sdk.NewCounter("ratelimit_unavailable_total")
	f.declare()
	var order weir.Order
	for i := range f.limits {
		f.limits[i].by.Properties(order.Reads)
	}
	order.Declare()
	if f.always {
		return &telling{f}, nil
	}
	return f, nil
}

type failure string

func (e failure) Error() string { return string(e) }

// OnRequestHeaders counts, and answers what is too much.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	_, action := f.decide(s)
	return action
}

// telling tells clients how they stand in every response.
type telling struct{ f *filter }

// NewStream is the state of a stream.
func (t *telling) NewStream() any { return &told{f: t.f} }

type told struct {
	f *filter
	standing
}

func (t *told) OnRequestHeaders(s *sdk.Stream, _ bool) (action sdk.Action) {
	t.standing, action = t.f.decide(s)
	return action
}

func (t *told) OnResponseHeaders(s *sdk.Stream, _ bool) sdk.Action {
	if t.limit != nil && !t.denied {
		t.f.tell(s.Response(), t.standing)
	}
	return sdk.Continue
}

// Reset forgets the stream.
func (t *told) Reset() { t.standing = standing{} }

// standing is how a request stands with the limit that leaves it the least.
type standing struct {
	limit  *limit
	denied bool // and it was answered
	weir.Decision
}

// decide asks all limits in order, until one denies.
func (f *filter) decide(s *sdk.Stream) (least standing, action sdk.Action) {
	for i := range f.limits {
		l := &f.limits[i]
		d, counted, err := l.take(s)
		switch {
		case err != nil:
			f.unavailable.Add(1)
			if !f.open && !f.dry && !l.dry {
				s.Reply(sdk.Reply{Status: 503, Details: "ratelimit_unavailable", Body: "requests cannot be counted now\n"})
				return standing{limit: l, denied: true}, sdk.Pause
			}
		case !counted:
		case !d.Allowed:
			f.denied.Add(1)
			if f.dry || l.dry {
				continue
			}
			f.deny(s, l, d)
			return standing{l, true, d}, sdk.Pause
		case least.limit == nil || l.share(d) < least.limit.share(least.Decision):
			least = standing{limit: l, Decision: d}
		}
	}
	f.allowed.Add(1)
	return least, sdk.Continue
}
