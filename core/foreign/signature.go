package foreign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // an algorithm of Envoy's
	_ "crypto/sha256"
	_ "crypto/sha512"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// signatureFunctions take Envoy's messages: VerifySignatureArguments and
// SignArguments. Under Envoy's names they answer at once, as its filters
// expect, though most take longer than 50 us.
var signatureFunctions = []Function{
	{Name: "verify_signature", Run: within(maxArguments, verifySignature)},
	{Name: "sign", Run: within(maxArguments, sign)},
	{Name: "weir.async.verify_signature", Async: true, Run: within(maxArguments, verifySignature)},
	{Name: "weir.async.sign", Async: true, Run: within(maxArguments, sign)},
}

// hashes are the names that Envoy knows, in any case.
var hashes = map[string]crypto.Hash{
	"sha1":   crypto.SHA1,
	"sha224": crypto.SHA224,
	"sha256": crypto.SHA256,
	"sha384": crypto.SHA384,
	"sha512": crypto.SHA512,
}

func digest(name, text []byte) (sum []byte, hash crypto.Hash, ok bool) {
	hash, ok = hashes[strings.ToLower(string(name))]
	if !ok {
		return nil, 0, false
	}
	h := hash.New()
	h.Write(text)
	return h.Sum(nil), hash, true
}

// verifySignature checks an RSA PKCS #1 v1.5 or an ASN.1 ECDSA signature. A
// wrong signature is an answer, not a failure; a malformed key is one.
func verifySignature(_ Call, dst, message []byte) ([]byte, int64, Status) {
	var name, der, pem, signature, text []byte
	ok := fields(message, func(number protowire.Number, v []byte) {
		switch number {
		case 1:
			name = v
		case 2:
			der = v
		case 3:
			signature = v
		case 4:
			text = v
		case 5:
			pem = v
		}
	})
	if !ok {
		return dst, refusal, BadArgument
	}
	key, cost := publicKeys.get(der, pem)
	if key == nil {
		return dst, cost, BadArgument
	}
	sum, hash, ok := digest(name, text)
	if !ok {
		return appendField(dst, 2, []byte("hash function is not supported")), cost, OK
	}
	cost += digestCost(len(text))
	switch k := key.(type) {
	case *rsa.PublicKey:
		cost += rsaCost(k, 30_000, 2)
		ok = rsa.VerifyPKCS1v15(k, hash, sum, signature) == nil
	case *ecdsa.PublicKey:
		cost += curveCost(k, 70_000)
		ok = ecdsa.VerifyASN1(k, sum, signature)
	}
	if !ok {
		return appendField(dst, 2, []byte("signature does not match")), cost, OK
	}
	return appendTrue(dst, 1), cost, OK
}

// sign makes such a signature.
func sign(_ Call, dst, message []byte) ([]byte, int64, Status) {
	var name, der, pem, text []byte
	ok := fields(message, func(number protowire.Number, v []byte) {
		switch number {
		case 1:
			name = v
		case 2:
			der = v
		case 3:
			text = v
		case 4:
			pem = v
		}
	})
	if !ok {
		return dst, refusal, BadArgument
	}
	key, cost := privateKeys.get(der, pem)
	if key == nil {
		return dst, cost, BadArgument
	}
	sum, hash, ok := digest(name, text)
	if !ok {
		return appendField(dst, 3, []byte("hash function is not supported")), cost, OK
	}
	cost += digestCost(len(text))
	switch k := key.(type) {
	case *rsa.PrivateKey:
		cost += rsaCost(&k.PublicKey, 1_100_000, 3)
	case *ecdsa.PrivateKey:
		cost += curveCost(&k.PublicKey, 30_000)
	}
	signature, err := key.(crypto.Signer).Sign(rand.Reader, sum, hash)
	if err != nil {
		return appendField(dst, 3, []byte("key cannot sign this")), cost, OK
	}
	return appendField(appendTrue(dst, 1), 2, signature), cost, OK
}

// rsaCost scales a cost measured with 2048 bits.
func rsaCost(k *rsa.PublicKey, base int64, power int) int64 {
	bits := int64(k.N.BitLen())
	for range power {
		base = base * bits / 2048
	}
	return base
}

// curveCost scales a cost measured with P-256, whose code is by far the fastest.
func curveCost(k *ecdsa.PublicKey, base int64) int64 {
	switch bits := k.Curve.Params().BitSize; {
	case bits <= 256:
		return base
	case bits <= 384:
		return base * 7
	default:
		return base * 15
	}
}
