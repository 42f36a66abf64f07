package foreign

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

// maxTried bounds the keys that are tried for one token.
const maxTried = 4

// keySet is parsed keys, in the order of their set.
type keySet []jose.JSONWebKey

// keySet parses a set and remembers it: a JSON Web Key Set, a single key, or a
// public key in PEM. It is nil for anything else.
func (x *tokens) keySet(text []byte) keySet {
	if s, ok := x.sets.find(text); ok {
		return s
	}
	s := parseKeys(text)
	if s != nil {
		x.sets.add(text, s, keyParsed*(len(s)+1))
	}
	return s
}

func parseKeys(text []byte) keySet {
	if block, _ := pem.Decode(text); block != nil {
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil
		}
		return keySet{{Key: key}}
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(text, &set) != nil {
		return nil
	}
	if set.Keys == nil {
		if !bytes.Contains(text, []byte(`"kty"`)) {
			return nil
		}
		set.Keys = []json.RawMessage{text}
	}
	s := keySet{}
	for _, raw := range set.Keys {
		var k jose.JSONWebKey
		if k.UnmarshalJSON(raw) != nil { // a set may have keys of kinds that nobody here knows
			continue
		}
		if _, secret := k.Key.([]byte); secret || k.Valid() {
			s = append(s, k)
		}
	}
	return s
}

// candidates are the keys that a token with that id and algorithm may be
// signed with. The kind of a key decides what it is good for, never the token:
// a public key is no secret for a code.
func (s keySet) candidates(id, algorithm string) (keys []any) {
	for i := range s {
		k := &s[i]
		if id != "" && k.KeyID != "" && k.KeyID != id || k.Use != "" && k.Use != "sig" || k.Algorithm != "" && k.Algorithm != algorithm {
			continue
		}
		if fits(k.Key, algorithm) && len(keys) < maxTried {
			keys = append(keys, k.Key)
		}
	}
	return keys
}

// The sizes below which keys are not used.
const (
	leastRSA    = 2048 // bits
	leastSecret = 32   // bytes (RFC 7518, section 3.2, for HS256)
)

func fits(key any, algorithm string) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		bits := k.N.BitLen()
		return (algorithm[:2] == "RS" || algorithm[:2] == "PS") && bits >= leastRSA && bits <= maxKeySize
	case *ecdsa.PublicKey:
		return algorithm[:2] == "ES"
	case ed25519.PublicKey:
		return algorithm == string(jose.EdDSA)
	case []byte:
		return algorithm[:2] == "HS" && len(k) >= leastSecret
	}
	return false
}
