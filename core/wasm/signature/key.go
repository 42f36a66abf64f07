package signature

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

// PublicKey checks signatures.
type PublicKey struct{ key ed25519.PublicKey }

// PrivateKey makes signatures.
type PrivateKey struct{ key ed25519.PrivateKey }

// The blocks of PEM files, by RFC 7468.
const (
	publicBlock  = "PUBLIC KEY"  // X.509 SubjectPublicKeyInfo, RFC 8410
	privateBlock = "PRIVATE KEY" // PKCS#8
)

// NewKey makes a key from the system's randomness.
func NewKey() (PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("making a key: %w", err)
	}
	return PrivateKey{key}, nil
}

// Public is the key's other half.
func (k PrivateKey) Public() PublicKey { return PublicKey{k.key.Public().(ed25519.PublicKey)} }

// PEM is the key as the text of a file.
func (k PrivateKey) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.key)
	if err != nil {
		return nil, fmt.Errorf("writing the private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: der}), nil
}

// PEM is the key as the text of a file.
func (k PublicKey) PEM() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(k.key)
	if err != nil {
		return nil, fmt.Errorf("writing the public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: der}), nil
}

// idSize is how long the ids of keys are, in bytes.
const idSize = 12

// id is what signatures name the key by, as wasmsign2 reckons it.
func (k PublicKey) id() []byte {
	h := hmac.New(sha256.New, k.key)
	h.Write([]byte("key_id"))
	return h.Sum(nil)[:idSize]
}

// ID is what signatures name the key by, in hexadecimal.
func (k PublicKey) ID() string { return hex.EncodeToString(k.id()) }

// ParsePublicKey reads a key: a PEM file's text, or the base64 that is in it.
func ParsePublicKey(text []byte) (PublicKey, error) {
	der, err := decode(text, publicBlock)
	if err != nil {
		return PublicKey{}, fmt.Errorf("reading a public key: %w", err)
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return PublicKey{}, errors.New("reading a public key: it is malformed (want an Ed25519 key as PEM, as \"weir keygen\" or \"openssl pkey -pubout\" writes it)")
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return PublicKey{}, fmt.Errorf("reading a public key: it is for another algorithm (%T), want Ed25519", parsed)
	}
	return PublicKey{key}, nil
}

// ParsePrivateKey reads a PEM file's text.
func ParsePrivateKey(text []byte) (PrivateKey, error) {
	der, err := decode(text, privateBlock)
	if err != nil {
		return PrivateKey{}, fmt.Errorf("reading a private key: %w", err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return PrivateKey{}, errors.New("reading a private key: it is malformed (want an Ed25519 key as PKCS#8 PEM, as \"weir keygen\" or \"openssl genpkey -algorithm ed25519\" writes it)")
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return PrivateKey{}, fmt.Errorf("reading a private key: it is for another algorithm (%T), want Ed25519", parsed)
	}
	return PrivateKey{key}, nil
}

// decode is the one PEM block of a text, which must be of that type. A public
// key may be the block's base64 alone.
func decode(text []byte, want string) ([]byte, error) {
	text = bytes.TrimSpace(text)
	block, rest := pem.Decode(text)
	switch {
	case block == nil && want == publicBlock:
		if der, err := base64.StdEncoding.Strict().DecodeString(string(text)); err == nil && len(der) > 0 {
			return der, nil
		}
		return nil, errors.New("it is neither PEM nor the base64 in one")
	case block == nil:
		return nil, errors.New("it is no PEM")
	case block.Type == privateBlock && want == publicBlock:
		return nil, errors.New("it is a private key: name the public one, and keep this one where modules are signed")
	case block.Type == publicBlock && want == privateBlock:
		return nil, errors.New("it is a public key: a private one signs")
	case block.Type != want:
		return nil, fmt.Errorf("it is a PEM block %q, want %q", block.Type, want)
	case len(bytes.TrimSpace(rest)) > 0:
		return nil, errors.New("it has more than one PEM block")
	}
	return block.Bytes, nil
}
