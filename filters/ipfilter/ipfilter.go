// Package ipfilter is the filter "ipfilter": it lets requests through, or not,
// by the network that their client is in.
//
// Start at [New].
package ipfilter

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("ipfilter", New) }

// filter is one configuration.
type filter struct {
	table    table
	fallback verdict // for addresses in no network

	allowed, denied, unknown sdk.Counter
}

// New makes the filter.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.allowed = sdk.NewCounter("ipfilter_allowed_total")
	f.denied = sdk.NewCounter("ipfilter_denied_total")
	f.unknown = sdk.NewCounter("ipfilter_unknown_total")
	return f, nil
}

// OnRequestHeaders decides. A client without an address is let through by nothing.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	a, bits := parseAddress(weir.ClientIP())
	if bits == 0 {
		f.unknown.Add(1)
		return refuse(s)
	}
	v := f.table.find(a)
	if v == none {
		v = f.fallback
	}
	if v != allow {
		f.denied.Add(1)
		return refuse(s)
	}
	f.allowed.Add(1)
	return sdk.Continue
}

func refuse(s *sdk.Stream) sdk.Action {
	s.Reply(sdk.Reply{Status: 403, Details: "ipfilter_denied", Body: "this is not allowed from your network\n"})
	return sdk.Pause
}
