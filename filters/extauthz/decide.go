package extauthz

import (
	"slices"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
)

// decide does what the service says. It fails if there is no answer, or one of
// an error of its own (5xx): the host answers so for a service that is away.
func (f *filter) decide(s *sdk.Stream, r *sdk.CallResponse) sdk.Action {
	status := 0
	if !r.Failed {
		status = r.Status()
	}
	switch {
	case status < 200 || status >= 500:
		return f.fail(s)
	case status < 300:
		return f.allow(s, r)
	}
	return f.deny(s, r, status)
}

// allow lets the request through, with what the answer has for the upstream.
func (f *filter) allow(s *sdk.Stream, r *sdk.CallResponse) sdk.Action {
	for _, name := range f.upstream {
		v, ok := r.Headers().Get(name)
		if !ok {
			_ = s.Request().Del(name)
		} else if s.Request().SetBytes(name, v) != nil {
			return f.fail(s)
		}
	}
	if f.identity != "" {
		if v, ok := r.Headers().Get(f.identity); ok {
			_ = sdk.SetProperty(template.Identity, sdk.View(v))
		}
	}
	f.allowed.Add(1)
	return sdk.Continue
}

// deny answers the client as the service does.
func (f *filter) deny(s *sdk.Stream, r *sdk.CallResponse, status int) sdk.Action {
	f.denied.Add(1)
	body, err := r.Body()
	if err != nil || int64(len(body)) > f.answerBody {
		body = nil
	}
	f.fields = f.fields[:0]
	for name, value := range r.Headers().All() {
		n := sdk.View(name)
		// What a body is goes with it, or a page would be shown as text.
		if slices.Contains(f.client, n) || len(body) > 0 && (n == "content-type" || n == "content-encoding") {
			f.add(n, sdk.View(value))
		}
	}
	if s.Reply(sdk.Reply{Status: status, Headers: f.fields, Body: sdk.View(body), Details: "extauthz_denied"}) != nil {
		_ = s.Reply(sdk.Reply{Status: 403, Details: "extauthz_denied"})
	}
	return sdk.Pause
}

// fail is for a service that has not answered. A client's own fields of names
// that are the service's never get through.
func (f *filter) fail(s *sdk.Stream) sdk.Action {
	f.failures.Add(1)
	if !f.open {
		_ = s.Reply(sdk.Reply{Status: f.failed, Details: "extauthz_unavailable", Body: "this cannot be authorized now\n"})
		return sdk.Pause
	}
	for _, name := range f.upstream {
		_ = s.Request().Del(name)
	}
	f.unchecked.Add(1)
	return sdk.Continue
}
