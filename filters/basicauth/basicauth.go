// Package basicauth is the filter "basicauth": it lets through requests whose
// user and password (RFC 7617) it knows, says who they are from, and answers the
// others itself.
//
// Passwords are kept as bcrypt hashes and checked by the host, beside the lane.
// One that was right before costs a lookup. A user that is not known costs what
// a known one does.
//
// Start at [New].
package basicauth

import (
	"github.com/weirproxy/weir/filters/internal/credential"
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("basicauth", New) }

// filter is one configuration.
type filter struct {
	place          credential.Place
	strip          bool
	identityHeader string
	challenge      string
	users          users
	buf            []byte // a decoded credential; callbacks do not overlap

	allowed, missing, wrong, unavailable sdk.Counter
}

// New makes the filter. It needs a host that checks passwords.
func New(r *sdk.Root) (sdk.Plugin, error) {
	if !weir.Here() {
		return nil, failure("the host has no weir.password_verify; basicauth runs in Weir only")
	}
	if weir.ShowsBody() {
		return nil, failure(`on_pause is "stop_iteration", but a request's body must not end the wait for a verdict; leave it out of the filter's table`)
	}
	f := &filter{buf: make([]byte, 0, maxDecoded)}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.allowed = sdk.NewCounter("basicauth_allowed_total")
	f.missing = sdk.NewCounter("basicauth_missing_total")
	f.wrong = sdk.NewCounter("basicauth_wrong_total")
	f.unavailable = sdk.NewCounter("basicauth_unavailable_total")
	var order weir.Order
	order.Sets(template.Identity)
	order.Declare()
	return f, nil
}

type failure string

func (e failure) Error() string { return string(e) }

// OnRequestHeaders decides at once where it can, else has the host check.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	name, password, why := f.claimed(s)
	if why != nil {
		return f.refuse(s, why)
	}
	u, known := f.users.find(name)
	if known {
		verdict, err := weir.VerifyPassword(f.users.hash(u), password)
		if err != nil {
			return f.refuse(s, &broken)
		}
		if verdict == weir.PasswordRight {
			return f.admit(s, u)
		}
	}
	if _, err := weir.VerifyPasswordLater(f.users.hash(u), password); err != nil {
		return f.refuse(s, &busy)
	}
	return sdk.Pause
}

// OnForeign goes on with a request whose password the host has checked: by
// somebody else's hash, if the user is not known.
func (f *filter) OnForeign(s *sdk.Stream, _ uint32, answer []byte) {
	if s == nil {
		return
	}
	verdict, err := weir.ReadPassword(answer)
	name, _, why := f.claimed(s) // the head has stood still meanwhile
	switch {
	case err != nil:
		f.refuse(s, &busy)
		return
	case why != nil:
		f.refuse(s, why)
		return
	}
	u, known := f.users.find(name)
	if !known || verdict != weir.PasswordRight {
		f.refuse(s, &wrong)
		return
	}
	if f.admit(s, u) == sdk.Continue {
		_ = s.ContinueRequest()
	}
}

// admit lets the request of a user through.
func (f *filter) admit(s *sdk.Stream, u user) sdk.Action {
	if f.strip {
		f.place.Remove(s)
	}
	name := sdk.View(f.users.name(u))
	if f.identityHeader != "" && s.Request().Set(f.identityHeader, name) != nil {
		return f.refuse(s, &broken) // nobody must mistake the client's own for it
	}
	_ = sdk.SetProperty(template.Identity, name)
	f.allowed.Add(1)
	return sdk.Continue
}
