package foreign

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
)

const (
	keyCache   = 1 << 20 // bytes of keys kept parsed, of each kind
	keyParsed  = 4 << 10 // bytes a parsed key may take
	maxKeySize = 8192    // bits; a larger RSA key would hold the caller for long
)

// keyring parses keys and remembers them: parsing an RSA private key takes
// longer than most signatures.
type keyring struct {
	parsed *cache[any]
	parse  func(der []byte) (any, error)
}

var (
	publicKeys  = keyring{newCache[any](keyCache), x509.ParsePKIXPublicKey}
	privateKeys = keyring{newCache[any](keyCache), parsePrivateKey}
)

// get is the key in one of two forms, or nil for none, both, a malformed one
// or one of a kind that we do not use. cost is in nanoseconds.
func (r *keyring) get(der, text []byte) (key any, cost int64) {
	const found, parsing = 200, 50_000
	if (len(der) == 0) == (len(text) == 0) {
		return nil, refusal
	}
	given := der
	if len(der) == 0 {
		given = text
	}
	if key, ok := r.parsed.find(given); ok {
		return key, found
	}
	if len(text) > 0 {
		block, _ := pem.Decode(text)
		if block == nil {
			return nil, parsing
		}
		der = block.Bytes
	}
	key, err := r.parse(der)
	if err != nil || !usable(key) {
		return nil, parsing
	}
	r.parsed.add(given, key, keyParsed)
	return key, parsing
}

func usable(key any) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen() <= maxKeySize
	case *rsa.PrivateKey:
		return k.N.BitLen() <= maxKeySize
	case *ecdsa.PublicKey, *ecdsa.PrivateKey:
		return true
	}
	return false
}

// parsePrivateKey takes PKCS #8, and the older forms that PEM files still have.
func parsePrivateKey(der []byte) (any, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err == nil {
		return key, nil
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParseECPrivateKey(der); err == nil {
		return k, nil
	}
	return nil, err
}
