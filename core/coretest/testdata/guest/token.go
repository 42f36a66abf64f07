package main

import (
	"strconv"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("token", newToken) }

// token lets those requests pass whose bearer token the host finds valid by the
// "keys", and tells the upstream whose it is in x-subject.
type token struct{ verifier *weir.JWTVerifier }

func newToken(r *sdk.Root) (sdk.Plugin, error) {
	c, err := settings(r)
	return &token{weir.NewJWTVerifier(weir.ES256, []string{"sub"}, c["keys"])}, err
}

// NewStream is needed because the later answer must find its stream.
func (p *token) NewStream() any { return &bearer{p: p} }

type bearer struct{ p *token }

func (b *bearer) OnRequestHeaders(s *sdk.Stream, end bool) sdk.Action {
	text, _ := s.Request().GetString("authorization")
	if len(text) > 7 {
		text = text[7:]
	}
	verdict, claims, err := b.p.verifier.Verify([]byte(text))
	if err == nil && verdict == weir.JWTLater {
		if _, err = b.p.verifier.VerifyLater([]byte(text)); err == nil {
			return sdk.Pause
		}
	}
	s.Request().Set("x-seen", "before")
	return b.settle(s, verdict, claims, err)
}

func (b *bearer) OnForeign(s *sdk.Stream, function uint32, answer []byte) {
	verdict, claims, err := weir.ReadJWT(answer)
	if b.settle(s, verdict, claims, err) == sdk.Continue {
		s.ContinueRequest()
	}
}

func (b *bearer) settle(s *sdk.Stream, verdict weir.JWTVerdict, claims weir.JWTClaims, err error) sdk.Action {
	if err != nil || verdict != weir.JWTValid {
		s.Reply(sdk.Reply{Status: 401, Body: "verdict " + strconv.Itoa(int(verdict))})
		return sdk.Pause
	}
	_, subject := claims.Next()
	s.Request().SetBytes("x-subject", subject)
	return sdk.Continue
}
