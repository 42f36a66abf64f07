package jwt

import (
	"bytes"
	"encoding/base64"

	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// seen is the issuer of a token that the host knows to be valid, whose claims
// it notes. It costs no look into the token.
func (f *filter) seen(token []byte) *issuer {
	for _, is := range f.issuers {
		if !is.ready() {
			continue
		}
		verdict, claims, err := is.verifier.Verify(token)
		if err == nil && verdict == weir.JWTValid {
			f.take(claims)
			return is
		}
	}
	return nil
}

// issuerOf is the issuer that a token is to be verified by. Of several it is
// the one that the token names, which nothing has verified yet: if that is a
// lie, no key of that issuer has signed it.
func (f *filter) issuerOf(token []byte) (*issuer, *refusal) {
	if len(f.issuers) == 1 {
		return f.issuers[0], nil
	}
	name, ok := peek(token)
	if !ok {
		return nil, &malformed
	}
	for _, is := range f.issuers {
		if is.name == name {
			return is, nil
		}
	}
	return nil, &wrongIssuer
}

// peek reads who a token says it is from.
func peek(token []byte) (issuer string, ok bool) {
	_, rest, ok1 := bytes.Cut(token, []byte("."))
	payload, _, ok2 := bytes.Cut(rest, []byte("."))
	if !ok1 || !ok2 || len(payload) > maxToken {
		return "", false
	}
	text, err := base64.RawURLEncoding.AppendDecode(nil, payload)
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return "", false
	}
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		if string(key) == "iss" && r.IsString() {
			issuer = r.String()
			return
		}
		r.Skip()
	})
	return issuer, r.Err() == nil
}
