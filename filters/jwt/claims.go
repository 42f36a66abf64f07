package jwt

import (
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// maxClaims bounds the claims that are looked at, as the host does.
const maxClaims = 32

// The claims that every token is asked for (RFC 7519, section 4.1), by their
// places in the answer.
const (
	claimExpiry = iota
	claimNotBefore
	claimIssuedAt
	claimIssuer
	claimAudience
	registered
)

// claim is one that the host is asked for, and where it goes.
type claim struct {
	name     string // as configured: "sub", "realm_access.roles"
	property string // "weir.claim.sub"; "" if later filters are not told
	headers  []string
}

// value is a claim of the token under way, valid until the callback's end.
type value struct {
	kind weir.JWTKind
	text []byte
}

// absent says that there is nothing to go by: null is nothing.
func (v *value) absent() bool {
	return v.kind == weir.JWTAbsent || v.kind == weir.JWTJSON && string(v.text) == "null"
}

// setTold finds the claims that somebody is told of.
func (f *filter) setTold() {
	for i := range f.claims {
		if c := &f.claims[i]; c.property != "" || len(c.headers) > 0 {
			f.told = append(f.told, i)
		}
	}
}

// order says what later filters are told.
func (f *filter) order() {
	var order weir.Order
	if f.identity >= 0 {
		order.Sets(template.Identity)
	}
	for i := range f.claims {
		if p := f.claims[i].property; p != "" {
			order.Sets(p)
		}
	}
	order.Declare()
}

// take notes the claims of a valid token.
func (f *filter) take(claims weir.JWTClaims) {
	found := f.found[:len(f.claims)]
	for i := range found {
		found[i].kind, found[i].text = claims.Next()
	}
}

// admit lets a request through whose token is signed as it should be, if what
// it claims is right: take has noted that.
func (f *filter) admit(s *sdk.Stream, is *issuer) sdk.Action {
	if why := f.judge(is); why != nil {
		return f.refuse(s, why)
	}
	if f.recalls {
		f.remember()
	}
	if f.strip {
		f.place.Remove(s)
	}
	for _, i := range f.told {
		if !f.tell(s, &f.claims[i], &f.found[i]) {
			return f.refuse(s, &unfit)
		}
	}
	if f.identity >= 0 {
		if v := &f.found[f.identity]; !v.absent() {
			_ = sdk.SetProperty(template.Identity, sdk.View(v.text))
		}
	}
	f.allowed.Add(1)
	return sdk.Continue
}

// tell passes a claim on. It answers false if the claim cannot stand in a
// header: nobody must mistake the client's own for it.
func (f *filter) tell(s *sdk.Stream, c *claim, v *value) bool {
	if c.property != "" && !v.absent() {
		if sdk.SetProperty(c.property, sdk.View(v.text)) != nil {
			return false
		}
	}
	for _, h := range c.headers {
		if v.absent() {
			_ = s.Request().Del(h)
		} else if s.Request().SetBytes(h, v.text) != nil {
			return false
		}
	}
	return true
}

// removeClaims takes headers away that only a token's claims may fill.
func (f *filter) removeClaims(s *sdk.Stream) {
	for _, i := range f.told {
		for _, h := range f.claims[i].headers {
			_ = s.Request().Del(h)
		}
	}
}
