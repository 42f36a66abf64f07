package system

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// login is what requests log in by: a token, and the keys of its issuer. It is made
// anew for each run.
type login struct {
	Issuer, Audience string
	Token            string
	Keys             string // a JSON Web Key Set
}

// subject is who the token is about.
const subject = "bench"

var account = newLogin()

// newLogin signs by ES256, as the larger issuers do. It panics where the system has
// no random numbers.
func newLogin() login {
	l := login{Issuer: "https://idp.example.org/", Audience: "bench"}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err == nil {
		err = l.sign(key)
	}
	if err != nil {
		panic(fmt.Errorf("making a token: %w", err))
	}
	return l
}

func (l *login) sign(key *ecdsa.PrivateKey) error {
	const id = "bench-1"
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		return err
	}
	now := time.Now().Unix()
	claims, err := json.Marshal(map[string]any{
		"iss": l.Issuer, "aud": []string{l.Audience}, "sub": subject, "scope": "orders:read orders:write",
		"iat": now, "exp": now + 24*60*60,
	})
	if err != nil {
		return err
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return err
	}
	if l.Token, err = signed.CompactSerialize(); err != nil {
		return err
	}
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{
		Key: key.Public(), KeyID: id, Algorithm: string(jose.ES256), Use: "sig",
	}}})
	l.Keys = string(keys)
	return err
}
