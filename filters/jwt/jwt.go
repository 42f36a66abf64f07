// Package jwt is the filter "jwt": it lets through requests that carry a JSON
// Web Token (RFC 7519) of an issuer it trusts, tells the upstream and later
// filters what the token claims, and answers the others itself.
//
// Signatures are checked by the host, which remembers valid tokens: one seen
// before costs a lookup. What changes with time (expiry, keys) is looked at for
// each request. Keys of a URL are fetched by lane 0 alone, off any request's
// path, and shared through the host's key-value state.
//
// Start at [New].
package jwt

import (
	"github.com/weirproxy/weir/filters/internal/credential"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("jwt", New) }

// maxToken bounds a token, in bytes, as the host does.
const maxToken = 16 << 10

// filter is one configuration, in one instance.
type filter struct {
	place      credential.Place
	strip      bool
	optional   bool
	needExpiry bool
	leeway     int64 // seconds
	identity   int   // index of the claim, -1 for none
	claims     []claim
	told       []int // indices of those that are passed on
	issuers    []*issuer
	challenges [errorCodes]string

	found   [maxClaims]value // of the token under way; callbacks do not overlap
	waiting []waiter
	eager   bool      // the timer runs fast
	recalls bool      // the host remembers tokens
	remotes []*remote // whose keys' versions it wants to be told

	allowed, anonymous, missing, invalid, forbidden, unavailable sdk.Counter
	fetched, failed                                              sdk.Counter
}

// New makes the filter. It needs a host that verifies tokens.
func New(r *sdk.Root) (sdk.Plugin, error) {
	if !weir.Here() {
		return nil, failure("the host has no weir.jwt_verify; jwt runs in Weir only")
	}
	if weir.ShowsBody() {
		return nil, failure(`on_pause is "stop_iteration", but a request's body must not end the wait for a verdict; leave it out of the filter's table`)
	}
	f := &filter{}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.allowed = sdk.NewCounter("jwt_allowed_total")
	f.anonymous = sdk.NewCounter("jwt_anonymous_total")
	f.missing = sdk.NewCounter("jwt_missing_total")
	f.invalid = sdk.NewCounter("jwt_invalid_total")
	f.forbidden = sdk.NewCounter("jwt_forbidden_total")
	f.unavailable = sdk.NewCounter("jwt_unavailable_total")
	f.fetched = sdk.NewCounter("jwt_fetches_total")
	f.failed = sdk.NewCounter("jwt_fetch_failures_total")
	if err := f.begin(r); err != nil {
		return nil, err
	}
	f.recalls = f.recall()
	f.order()
	return f, nil
}

type failure string

func (e failure) Error() string { return string(e) }

// OnRequestHeaders decides, or has the host verify the token first.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	token, n := f.place.Only(s)
	switch {
	case n == credential.None && f.optional:
		f.removeClaims(s)
		f.anonymous.Add(1)
		return sdk.Continue
	case n == credential.None:
		return f.refuse(s, &noToken)
	case n == credential.Several:
		return f.refuse(s, &severalTokens)
	case len(token) > maxToken:
		return f.refuseToken(s, token, &oversized)
	}
	return f.check(s, token)
}

// check asks the host about a token.
func (f *filter) check(s *sdk.Stream, token []byte) sdk.Action {
	if len(f.issuers) > 1 {
		if is := f.seen(token); is != nil {
			return f.admit(s, is)
		}
	}
	is, why := f.issuerOf(token)
	switch {
	case why != nil:
		return f.refuseToken(s, token, why)
	case !is.ready():
		return f.refuse(s, &noKeys)
	}
	verdict, claims, err := is.verifier.Verify(token)
	return f.act(s, is, token, verdict, claims, err)
}

// OnForeign goes on with a request whose token the host has verified.
func (f *filter) OnForeign(s *sdk.Stream, _ uint32, answer []byte) {
	if s == nil {
		return
	}
	verdict, claims, err := weir.ReadJWT(answer)
	token, n := f.place.Only(s)
	if n != credential.One { // the head has stood still meanwhile
		f.refuse(s, &severalTokens)
		return
	}
	is, why := f.issuerOf(token)
	if why != nil {
		f.refuse(s, why)
		return
	}
	if is.remote != nil && is.refresh() { // other keys have come meanwhile
		f.later(s, is, token)
		return
	}
	if f.act(s, is, token, verdict, claims, err) == sdk.Continue {
		_ = s.ContinueRequest()
	}
}

// act does what the host's verdict asks for.
func (f *filter) act(s *sdk.Stream, is *issuer, token []byte, verdict weir.JWTVerdict, claims weir.JWTClaims, err error) sdk.Action {
	switch {
	case err != nil:
		return f.refuse(s, &broken)
	case verdict == weir.JWTLater:
		return f.later(s, is, token)
	case verdict == weir.JWTNoKey && is.remote != nil:
		return f.await(s, is, token)
	case verdict != weir.JWTValid:
		return f.refuseToken(s, token, refusalOf(verdict))
	}
	f.take(claims)
	return f.admit(s, is)
}

// later has the host verify the token beside the lane.
func (f *filter) later(s *sdk.Stream, is *issuer, token []byte) sdk.Action {
	if _, err := is.verifier.VerifyLater(token); err != nil {
		return f.refuse(s, &busy)
	}
	return sdk.Pause
}
