package cors

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// The fields of a response that only this filter sets.
const (
	allowOrigin      = "access-control-allow-origin"
	allowCredentials = "access-control-allow-credentials"
	exposeHeaders    = "access-control-expose-headers"
)

// declare has the host do what is the same for every response, and says whether
// it does: take away what the upstream says, so that browsers hear one voice, and
// tell caches that responses differ by origin. Where all may read them no
// callback is left for responses.
func (f *filter) declare() bool {
	var edits weir.Edits
	for _, name := range [...]string{allowOrigin, allowCredentials, exposeHeaders} {
		edits.Add(weir.Edit{Phase: weir.OnResponseHead, Action: weir.RemoveField, Name: name})
	}
	set := func(action weir.EditAction, name, value string) {
		edits.Add(weir.Edit{Phase: weir.OnResponseHead, Action: action, Name: name, Value: []weir.EditPart{{Source: weir.Text, Text: value}}})
	}
	if !f.origins.any {
		set(weir.AddField, "vary", "origin")
	} else if set(weir.SetField, allowOrigin, "*"); f.expose != "" {
		set(weir.SetField, exposeHeaders, f.expose)
	}
	return edits.Declare() == nil
}

// clean does the same in the guest.
func (f *filter) clean(h sdk.Headers) {
	for _, name := range [...]string{allowOrigin, allowCredentials, exposeHeaders} {
		h.Del(name)
	}
	if !f.origins.any {
		h.Add("vary", "origin")
	}
}

// public is a filter of whose responses the host does all.
type public struct{ f *filter }

// OnRequestHeaders is the filter's.
func (p public) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	return p.f.OnRequestHeaders(s, end)
}
