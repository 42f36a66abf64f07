package foreign

import (
	"errors"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// The bounds of JSON Web Tokens.
const (
	maxToken    = 16 << 10 // bytes
	maxClaims   = 32       // that are asked for
	onLaneToken = 32 << 10 // bytes of all arguments
	onLaneKeys  = 4 << 10  // bytes of keys that are parsed on a lane
)

// tokens verifies JSON Web Tokens (RFC 7519) by JSON Web Keys (RFC 7517). What
// it finds valid is remembered by all that it was asked, so that a token seen
// before costs a lookup. Whether it is still valid in time is for the guest to
// say.
type tokens struct {
	sets  *cache[keySet]
	valid *seen
}

func newTokens() *tokens {
	return &tokens{newCache[keySet](keyCache), newSeen()}
}

func (x *tokens) functions() []Function {
	return []Function{
		{Name: "weir.jwt_verify", Run: within(onLaneToken, x.quick)},
		{Name: "weir.async.jwt_verify", Async: true, Run: within(maxArguments, x.verify)},
	}
}

// The verdicts. Values are part of the encoding.
const (
	verdictValid = iota
	verdictMalformed
	verdictAlgorithm // not allowed
	verdictNoKey
	verdictSignature
	verdictLater // not without the time that verifying takes
)

// algorithms are the bits of the set that a guest allows.
var algorithms = [...]jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA, jose.HS256, jose.HS384, jose.HS512,
}

// question is what a guest asks: algorithms u32, claims u32, each size u32 and
// path, keys size u32, keys, token.
type question struct {
	allowed []jose.SignatureAlgorithm
	claims  []string
	keys    []byte
	token   string
}

func ask(b []byte) (q question, ok bool) {
	a := args{b: b}
	set, n := a.u32(), a.u32()
	if n > maxClaims || set>>len(algorithms) != 0 {
		return q, false
	}
	for i, name := range algorithms {
		if set>>i&1 != 0 {
			q.allowed = append(q.allowed, name)
		}
	}
	for range n {
		q.claims = append(q.claims, string(a.bytes(a.u32())))
	}
	q.keys = a.bytes(a.u32())
	q.token = string(a.rest())
	return q, a.ok() && len(q.token) <= maxToken
}

// quick answers what takes no longer than a lane may be held: tokens seen
// before, and those that have a common secret.
func (x *tokens) quick(_ Call, dst, b []byte) ([]byte, int64, Status) {
	cost := 200 + int64(len(b))/4
	if v, ok := x.valid.find(b); ok {
		return append(dst, v...), cost, OK
	}
	q, ok := ask(b)
	if !ok {
		return dst, cost, BadArgument
	}
	if q.token == "" {
		return x.ready(q, dst)
	}
	if !secretsOnly(q.allowed) || len(q.keys) > onLaneKeys {
		return appendU32(dst, verdictLater), cost, OK
	}
	return x.decide(q, dst, b)
}

func secretsOnly(allowed []jose.SignatureAlgorithm) bool {
	for _, name := range allowed {
		if !strings.HasPrefix(string(name), "HS") {
			return false
		}
	}
	return true
}

func (x *tokens) verify(_ Call, dst, b []byte) ([]byte, int64, Status) {
	if v, ok := x.valid.find(b); ok {
		return append(dst, v...), 0, OK
	}
	q, ok := ask(b)
	if !ok {
		return dst, refusal, BadArgument
	}
	if q.token == "" {
		return x.ready(q, dst)
	}
	return x.decide(q, dst, b)
}

// ready answers a question without a token, which is about the keys: whether
// any of them is for one of the algorithms.
func (x *tokens) ready(q question, dst []byte) ([]byte, int64, Status) {
	cost := 20_000 + 100*int64(len(q.keys)) // ns: points are checked to be on their curves
	set := x.keySet(q.keys)
	if set == nil {
		return dst, cost, BadArgument
	}
	for _, name := range q.allowed {
		if len(set.candidates("", string(name))) > 0 {
			return appendU32(dst, verdictMalformed), cost, OK
		}
	}
	return appendU32(dst, verdictNoKey), cost, OK
}

// decide answers verdict u32 and, for a valid token, the claims.
func (x *tokens) decide(q question, dst, b []byte) ([]byte, int64, Status) {
	const work = 20_000 // ns: decoding and a code; what takes longer runs beside the lane
	set := x.keySet(q.keys)
	if set == nil {
		return dst, work, BadArgument
	}
	at := len(dst)
	dst = judge(q, set, dst)
	if valid := dst[at:]; valid[0] == verdictValid {
		x.valid.add(b, append([]byte(nil), valid...))
	}
	return dst, work, OK
}

func judge(q question, set keySet, dst []byte) []byte {
	token, err := jose.ParseSignedCompact(q.token, q.allowed)
	var unexpected *jose.ErrUnexpectedSignatureAlgorithm
	switch {
	case errors.As(err, &unexpected), len(q.allowed) == 0:
		return appendU32(dst, verdictAlgorithm)
	case err != nil, len(token.Signatures) != 1:
		return appendU32(dst, verdictMalformed)
	}
	header := token.Signatures[0].Protected
	if _, critical := header.ExtraHeaders["crit"]; critical { // we know no extension
		return appendU32(dst, verdictMalformed)
	}
	keys := set.candidates(header.KeyID, header.Algorithm)
	if len(keys) == 0 {
		return appendU32(dst, verdictNoKey)
	}
	for _, k := range keys {
		payload, err := token.Verify(k)
		if err != nil {
			continue
		}
		claims, ok := appendClaims(appendU32(dst, verdictValid), payload, q.claims)
		if !ok {
			return appendU32(dst, verdictMalformed)
		}
		return claims
	}
	return appendU32(dst, verdictSignature)
}
