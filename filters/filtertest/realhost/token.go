package realhost

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// Secret is what the token of Cycle is signed by: as long as the set of two RSA
// keys that stands in its place elsewhere, for what is asked of the host counts.
var Secret = strings.Repeat("0123456789abcdef", 48)

var encode = base64.RawURLEncoding.EncodeToString

// payload is what a token claims, of usual size.
var payload = encode([]byte(`{"iss":"https://idp.example.org/","sub":"248289761001",` +
	`"aud":["orders","billing"],"exp":1893456000,"iat":1767225600,"azp":"web-shop","jti":"b2f1c9e0-6c1b-4f0e-9f63-2f8d1f3c7a55",` +
	`"scope":"openid profile orders:read orders:write","tenant":"acme","email":"ann@example.org","email_verified":true,` +
	`"realm_access":{"roles":["clerk","offline_access","uma_authorization"]}}`))

// token is a JSON Web Token (RFC 7519) that is signed by Secret, fetched one that is
// signed by the key of keySet.
var (
	token = func() string {
		text := encode([]byte(`{"alg":"HS256","typ":"JWT","kid":"2025-11-key"}`)) + "." + payload
		code := hmac.New(sha256.New, []byte(Secret))
		code.Write([]byte(text))
		return text + "." + encode(code.Sum(nil))
	}()
	fetched = func() string {
		text := encode([]byte(`{"alg":"EdDSA","typ":"JWT","kid":"2025-11-key"}`)) + "." + payload
		return text + "." + encode(ed25519.Sign(key, []byte(text)))
	}()
)

var key = ed25519.NewKeyFromSeed([]byte(Secret[:ed25519.SeedSize]))

// keySet is what the issuer of fetched serves (RFC 7517).
var keySet = `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"2025-11-key","x":"` + encode(key.Public().(ed25519.PublicKey)) + `"}]}`
