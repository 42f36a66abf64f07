package sdktest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/json"
)

// readKeys reads a JSON Web Key Set, one key, or a public key in PEM. It is nil
// for anything else; keys of a set that cannot be read are passed over.
func readKeys(text []byte) []jose.JSONWebKey {
	if block, _ := pem.Decode(text); block != nil {
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil
		}
		return []jose.JSONWebKey{{Key: key}}
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(text, &set) != nil {
		return nil
	}
	if set.Keys == nil && bytes.Contains(text, []byte(`"kty"`)) {
		set.Keys = []json.RawMessage{text}
	}
	if set.Keys == nil {
		return nil
	}
	keys := []jose.JSONWebKey{}
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		if k.UnmarshalJSON(raw) != nil {
			continue
		}
		if _, secret := k.Key.([]byte); secret || k.Valid() {
			keys = append(keys, k)
		}
	}
	return keys
}

// fittingKeys are those that a token of that key id and algorithm may be
// signed with, four at most.
func fittingKeys(keys []jose.JSONWebKey, id, algorithm string) (fitting []any) {
	for i := range keys {
		k := &keys[i]
		named := id == "" || k.KeyID == "" || k.KeyID == id
		meant := (k.Use == "" || k.Use == "sig") && (k.Algorithm == "" || k.Algorithm == algorithm)
		if named && meant && goodFor(k.Key, algorithm) && len(fitting) < 4 {
			fitting = append(fitting, k.Key)
		}
	}
	return fitting
}

// goodFor says whether a key of that kind and size signs by an algorithm: it is
// used by what it is, never by what a token says.
func goodFor(key any, algorithm string) bool {
	family := algorithm[:2]
	switch k := key.(type) {
	case *rsa.PublicKey:
		bits := k.N.BitLen()
		return (family == "RS" || family == "PS") && bits >= 2048 && bits <= 8192
	case *ecdsa.PublicKey:
		return family == "ES"
	case ed25519.PublicKey:
		return algorithm == string(jose.EdDSA)
	case []byte:
		return family == "HS" && len(k) >= 32
	}
	return false
}
