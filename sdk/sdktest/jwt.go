package sdktest

import (
	"errors"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
	"github.com/weirproxy/weir/sdk/weir"
)

// The bounds of weir.jwt_verify.
const (
	maxToken     = 16 << 10
	maxClaims    = 32
	maxTokenArgs = 32 << 10
	maxTokenKeys = 4 << 10
)

// algorithms are the bits of the set that a filter allows.
var algorithms = [...]jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512,
	jose.ES256, jose.ES384, jose.ES512, jose.EdDSA, jose.HS256, jose.HS384, jose.HS512,
}

// verifyAtOnce answers about tokens that were found valid before, and where
// secrets alone are allowed.
func verifyAtOnce(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	if len(a.b) > maxTokenArgs {
		return nil, abi.BadArgument
	}
	if v, ok := h.store.tokens[string(a.b)]; ok {
		return append(dst, v...), abi.OK
	}
	ahead := *a
	q := ahead.question()
	if ahead.bad {
		return nil, abi.BadArgument
	}
	if q.token == "" {
		return verifyToken(h, dst, a)
	}
	for _, name := range q.allowed {
		if !strings.HasPrefix(string(name), "HS") {
			return le.AppendUint32(dst, uint32(weir.JWTLater)), abi.OK
		}
	}
	if len(q.keys) > maxTokenKeys {
		return le.AppendUint32(dst, uint32(weir.JWTLater)), abi.OK
	}
	return verifyToken(h, dst, a)
}

// verifyToken: algorithms, claims u32, each claim, keys, token → verdict u32,
// claims.
func verifyToken(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	asked := string(a.b)
	q := a.question()
	keys := readKeys(q.keys)
	if a.bad || keys == nil {
		return nil, abi.BadArgument
	}
	if q.token == "" {
		return le.AppendUint32(dst, uint32(q.readiness(keys))), abi.OK
	}
	verdict, payload := q.judge(keys)
	if verdict != weir.JWTValid {
		return le.AppendUint32(dst, uint32(verdict)), abi.OK
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(payload, &all) != nil { // no object, or one that names a claim twice
		return le.AppendUint32(dst, uint32(weir.JWTMalformed)), abi.OK
	}
	answer := le.AppendUint32(nil, uint32(weir.JWTValid))
	for _, path := range q.claims {
		kind, v := claimOf(all, path)
		answer = le.AppendUint32(answer, uint32(kind))
		answer = append(le.AppendUint32(answer, uint32(len(v))), v...)
	}
	h.store.tokens[asked] = string(answer)
	return append(dst, answer...), abi.OK
}

// question is what a filter asks of a token.
type question struct {
	allowed []jose.SignatureAlgorithm
	claims  []string
	keys    []byte
	token   string
}

func (a *args) question() (q question) {
	set, n := a.u32(), a.u32()
	for i, name := range algorithms {
		if set>>i&1 == 1 {
			q.allowed = append(q.allowed, name)
		}
	}
	if n > maxClaims || set>>len(algorithms) != 0 {
		a.bad = true
		return q
	}
	for range n {
		q.claims = append(q.claims, a.text())
	}
	q.keys = a.take(int(a.u32()))
	q.token = string(a.rest())
	a.bad = a.bad || len(q.token) > maxToken
	return q
}

// readiness is the answer where there is no token: whether any key is for one
// of the algorithms.
func (q *question) readiness(keys []jose.JSONWebKey) weir.JWTVerdict {
	for _, name := range q.allowed {
		if len(fittingKeys(keys, "", string(name))) > 0 {
			return weir.JWTMalformed
		}
	}
	return weir.JWTNoKey
}

// judge verifies the token's signature.
func (q *question) judge(keys []jose.JSONWebKey) (weir.JWTVerdict, []byte) {
	token, err := jose.ParseSignedCompact(q.token, q.allowed)
	var unexpected *jose.ErrUnexpectedSignatureAlgorithm
	switch {
	case len(q.allowed) == 0, errors.As(err, &unexpected):
		return weir.JWTNotAllowed, nil
	case err != nil || len(token.Signatures) != 1:
		return weir.JWTMalformed, nil
	}
	head := token.Signatures[0].Protected
	if _, critical := head.ExtraHeaders["crit"]; critical {
		return weir.JWTMalformed, nil
	}
	fitting := fittingKeys(keys, head.KeyID, head.Algorithm)
	if len(fitting) == 0 {
		return weir.JWTNoKey, nil
	}
	for _, k := range fitting {
		if payload, err := token.Verify(k); err == nil {
			return weir.JWTValid, payload
		}
	}
	return weir.JWTBadSignature, nil
}

// claimOf is a claim by its path, whose segments NUL parts.
func claimOf(all map[string]json.RawMessage, path string) (weir.JWTKind, []byte) {
	name, rest, nested := strings.Cut(path, "\x00")
	raw, ok := all[name]
	if !ok {
		return weir.JWTAbsent, nil
	}
	if nested {
		var inner map[string]json.RawMessage
		if json.Unmarshal(raw, &inner) != nil {
			return weir.JWTAbsent, nil
		}
		return claimOf(inner, rest)
	}
	switch raw[0] {
	case '"':
		var text string
		if json.Unmarshal(raw, &text) != nil {
			return weir.JWTAbsent, nil
		}
		return weir.JWTText, []byte(text)
	case 't', 'f':
		return weir.JWTBool, raw
	case '{', '[', 'n':
		return weir.JWTJSON, raw
	}
	return weir.JWTNumber, raw
}
