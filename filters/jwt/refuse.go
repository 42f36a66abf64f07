package jwt

import (
	"github.com/weirproxy/weir/filters/internal/credential"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// errorCode is what a challenge calls a refusal (RFC 6750, section 3.1).
type errorCode uint8

const (
	errorNone errorCode = iota
	errorRequest
	errorToken
	errorScope
	errorNoChallenge // the proxy's fault, not the token's
	errorCodes
)

// refusal is an answer in the upstream's place. Clients learn the code, the
// access log the details.
type refusal struct {
	status  int
	code    errorCode
	details string
	body    string
}

const notValid, notNow = "the token is not valid\n", "the token cannot be checked now\n"

// All refusals.
var (
	noToken       = refusal{401, errorNone, "jwt_missing", "this needs a token\n"}
	severalTokens = refusal{400, errorRequest, "jwt_several", "only one token may be sent\n"}
	oversized     = refusal{401, errorToken, "jwt_too_large", notValid}
	malformed     = refusal{401, errorToken, "jwt_malformed", notValid}
	notAllowed    = refusal{401, errorToken, "jwt_algorithm", notValid}
	unknownKey    = refusal{401, errorToken, "jwt_unknown_key", notValid}
	badSignature  = refusal{401, errorToken, "jwt_signature", notValid}
	wrongIssuer   = refusal{401, errorToken, "jwt_issuer", notValid}
	wrongAudience = refusal{401, errorToken, "jwt_audience", notValid}
	noExpiry      = refusal{401, errorToken, "jwt_no_expiry", notValid}
	expired       = refusal{401, errorToken, "jwt_expired", "the token has expired\n"}
	notYet        = refusal{401, errorToken, "jwt_not_yet_valid", notValid}
	fromTomorrow  = refusal{401, errorToken, "jwt_issued_in_future", notValid}
	unfit         = refusal{401, errorToken, "jwt_claim_unfit", notValid}
	lacksClaim    = refusal{403, errorScope, "jwt_claim", "the token does not allow this\n"}
	noKeys        = refusal{503, errorNoChallenge, "jwt_no_keys", notNow}
	busy          = refusal{503, errorNoChallenge, "jwt_busy", notNow}
	broken        = refusal{503, errorNoChallenge, "jwt_unavailable", notNow}
)

// refusalOf is the refusal for a verdict of the host's.
func refusalOf(v weir.JWTVerdict) *refusal {
	switch v {
	case weir.JWTMalformed:
		return &malformed
	case weir.JWTNotAllowed:
		return &notAllowed
	case weir.JWTNoKey:
		return &unknownKey
	case weir.JWTBadSignature:
		return &badSignature
	}
	return &broken
}

// challenge writes the challenges for a scheme and realm.
func (f *filter) challenge(scheme, realm string) {
	if scheme == "" {
		scheme = "Bearer"
	}
	plain := scheme + ` realm="` + realm + `"`
	f.challenges = [errorCodes]string{
		errorNone:    plain,
		errorRequest: plain + `, error="invalid_request"`,
		errorToken:   plain + `, error="invalid_token"`,
		errorScope:   plain + `, error="insufficient_scope"`,
	}
}

// refuseToken refuses a token, unless it is several.
func (f *filter) refuseToken(s *sdk.Stream, token []byte, why *refusal) sdk.Action {
	if credential.Joined(token) {
		why = &severalTokens
	}
	return f.refuse(s, why)
}

func (f *filter) refuse(s *sdk.Stream, why *refusal) sdk.Action {
	switch {
	case why == &noToken:
		f.missing.Add(1)
	case why.code == errorScope:
		f.forbidden.Add(1)
	case why.code == errorNoChallenge:
		f.unavailable.Add(1)
	default:
		f.invalid.Add(1)
	}
	r := sdk.Reply{Status: why.status, Details: why.details, Body: why.body}
	if c := f.challenges[why.code]; c != "" {
		h := [1]sdk.Field{{Name: "www-authenticate", Value: c}}
		r.Headers = h[:]
	}
	_ = s.Reply(r)
	return sdk.Pause
}
