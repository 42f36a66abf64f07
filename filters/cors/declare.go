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
	if !f.origins.any {
		edits.Add(fixed(weir.AddField, "vary", "origin"))
	} else if edits.Add(fixed(weir.SetField, allowOrigin, "*")); f.expose != "" {
		edits.Add(fixed(weir.SetField, exposeHeaders, f.expose))
	}
	if edits.Declare() != nil {
		return false
	}
	_ = f.declareUsual() // a host that does not know these makes every callback
	return true
}

// declareUsual has the host deal with what most requests are: those without an origin,
// and those that are no preflight of an origin that is allowed by its name. For the
// others the callbacks stay.
func (f *filter) declareUsual() error {
	var known []string
	if f.origins.null {
		known = append(known, "null")
	}
	for _, e := range f.origins.exact {
		if len(e) <= maxOrigin {
			known = append(known, e)
		}
	}
	none := weir.Edits{}
	none.OnlyUnless(weir.OnRequestHead, "origin")
	none.Spare(weir.OnRequestHead)
	if !f.origins.any {
		none.OnlyUnless(weir.OnResponseHead, "origin")
		none.Spare(weir.OnResponseHead)
	}
	if err := none.Declare(); err != nil || len(known) == 0 && !f.origins.any {
		return err
	}
	request := weir.Edits{Made: &f.allowed}
	request.OnlyUnless(weir.OnRequestHead, ":method", "OPTIONS")
	request.OnlyIf(weir.OnRequestHead, "origin", known...)
	request.Spare(weir.OnRequestHead)
	if err := request.Declare(); err != nil || f.origins.any {
		return err
	}
	var response weir.Edits
	response.OnlyIf(weir.OnResponseHead, "origin", known...)
	response.Add(weir.Edit{Phase: weir.OnResponseHead, Action: weir.SetField, Name: allowOrigin, Value: []weir.EditPart{{Source: weir.RequestField, Text: "origin"}}})
	if f.credentials {
		response.Add(fixed(weir.SetField, allowCredentials, "true"))
	}
	if f.expose != "" {
		response.Add(fixed(weir.SetField, exposeHeaders, f.expose))
	}
	response.Spare(weir.OnResponseHead)
	return response.Declare()
}

// fixed is an edit of a response that is the same for all.
func fixed(action weir.EditAction, name, value string) weir.Edit {
	return weir.Edit{Phase: weir.OnResponseHead, Action: action, Name: name, Value: []weir.EditPart{{Source: weir.Text, Text: value}}}
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
