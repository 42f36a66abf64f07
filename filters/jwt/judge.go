package jwt

import (
	"math"
	"strconv"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// judge looks at what a token claims: nil if it is right.
func (f *filter) judge(is *issuer) *refusal {
	if why := f.judgeTimes(); why != nil {
		return why
	}
	if v := &f.found[claimIssuer]; is.name != "" && (v.kind != weir.JWTText || string(v.text) != is.name) {
		return &wrongIssuer
	}
	if len(is.audiences) > 0 && !f.found[claimAudience].any(is.audiences, false) {
		return &wrongAudience
	}
	for i := range is.required {
		r := &is.required[i]
		v := &f.found[r.claim]
		if v.absent() || len(r.values) > 0 && !v.any(r.values, r.words) {
			return &lacksClaim
		}
	}
	return nil
}

// judgeTimes compares with the wall clock (RFC 7519, sections 4.1.4 to 4.1.6).
func (f *filter) judgeTimes() *refusal {
	now := sdk.NowNano() / 1e9
	exp, hasExp, ok1 := f.found[claimExpiry].seconds()
	nbf, hasNbf, ok2 := f.found[claimNotBefore].seconds()
	iat, hasIat, ok3 := f.found[claimIssuedAt].seconds()
	switch {
	case !ok1 || !ok2 || !ok3:
		return &malformed
	case !hasExp && f.needExpiry:
		return &noExpiry
	case hasExp && now-f.leeway >= exp:
		return &expired
	case hasNbf && now+f.leeway < nbf:
		return &notYet
	case hasIat && now+f.leeway < iat:
		return &fromTomorrow
	}
	return nil
}

// seconds reads a NumericDate (RFC 7519, section 2), cut to whole seconds. ok
// is false for what is none.
func (v *value) seconds() (n int64, there, ok bool) {
	switch v.kind {
	case weir.JWTAbsent:
		return 0, false, true
	case weir.JWTNumber:
	default:
		return 0, false, false
	}
	text := v.text
	if len(text) > 18 {
		return slowSeconds(text)
	}
	for i := 0; i < len(text); i++ {
		digit := text[i] - '0'
		if digit > 9 {
			return slowSeconds(text)
		}
		n = n*10 + int64(digit)
	}
	return n, true, true
}

// slowSeconds reads a NumericDate that has a sign, a fraction or an exponent.
func slowSeconds(text []byte) (n int64, there, ok bool) {
	const far = 1 << 60 // so that leeway can be added
	d, err := strconv.ParseFloat(string(text), 64)
	if err != nil || d != d {
		return 0, false, false
	}
	return int64(max(-far, min(math.Floor(d), far))), true, true
}
