package basicauth

import "github.com/weirproxy/weir/sdk"

// refusal is an answer in the upstream's place.
type refusal struct {
	status     int
	challenged bool
	details    string
	body       string
}

// All refusals. Whether it was the user or the password is nobody's business.
var (
	missing   = refusal{401, true, "basicauth_missing", "this needs a user and a password\n"}
	several   = refusal{400, true, "basicauth_several", "only one user may be sent\n"}
	malformed = refusal{401, true, "basicauth_malformed", "the user or the password is not right\n"}
	wrong     = refusal{401, true, "basicauth_wrong", "the user or the password is not right\n"}
	busy      = refusal{503, false, "basicauth_busy", "the password cannot be checked now\n"}
	broken    = refusal{503, false, "basicauth_unavailable", "the password cannot be checked now\n"}
)

func (f *filter) refuse(s *sdk.Stream, why *refusal) sdk.Action {
	switch {
	case why == &missing:
		f.missing.Add(1)
	case !why.challenged:
		f.unavailable.Add(1)
	default:
		f.wrong.Add(1)
	}
	r := sdk.Reply{Status: why.status, Details: why.details, Body: why.body}
	if why.challenged {
		h := [1]sdk.Field{{Name: "www-authenticate", Value: f.challenge}}
		r.Headers = h[:]
	}
	_ = s.Reply(r)
	return sdk.Pause
}
