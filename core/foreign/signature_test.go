package foreign_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/weirproxy/weir/core/foreign"
)

// message is a protocol buffer of bytes fields, in pairs of number and value.
func message(parts ...any) []byte {
	var b []byte
	for i := 0; i < len(parts); i += 2 {
		b = protowire.AppendTag(b, protowire.Number(parts[i].(int)), protowire.BytesType)
		switch v := parts[i+1].(type) {
		case string:
			b = protowire.AppendString(b, v)
		case []byte:
			b = protowire.AppendBytes(b, v)
		}
	}
	return b
}

// read takes the fields of an answer apart.
func read(t *testing.T, b []byte) (result bool, texts map[protowire.Number][]byte) {
	t.Helper()
	texts = make(map[protowire.Number][]byte)
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			t.Fatalf("malformed answer %x", b)
		}
		b = b[n:]
		if kind == protowire.VarintType {
			v, n := protowire.ConsumeVarint(b)
			result, b = number == 1 && v == 1, b[n:]
			continue
		}
		v, n := protowire.ConsumeBytes(b)
		if n < 0 {
			t.Fatalf("malformed answer %x", b)
		}
		texts[number], b = v, b[n:]
	}
	return result, texts
}

func der(t *testing.T, b []byte, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func armour(kind string, b []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b})
}

func TestSignAndVerify(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	c := newCall(t)
	for _, key := range []crypto.Signer{rsaKey, p256, p384} {
		b, err := x509.MarshalPKIXPublicKey(key.Public())
		public := der(t, b, err)
		b, err = x509.MarshalPKCS8PrivateKey(key)
		private := der(t, b, err)
		for _, hash := range []string{"sha1", "SHA224", "sha256", "sha384", "sha512"} {
			for _, prefix := range []string{"", "weir.async."} {
				out, s := invoke(t, c, prefix+"sign", message(1, hash, 2, private, 3, "text"))
				ok, made := read(t, out)
				if s != foreign.OK || !ok {
					t.Fatalf("%T, %s: signing: %v, %s, status %d", key, hash, ok, made[3], s)
				}
				for _, tc := range []struct {
					keyField  int
					key       []byte
					text      string
					signature []byte
					want      bool
				}{
					{2, public, "text", made[2], true},
					{5, armour("PUBLIC KEY", public), "text", made[2], true},
					{2, public, "another", made[2], false},
					{2, public, "text", made[2][1:], false},
					{2, public, "text", nil, false},
				} {
					out, s := invoke(t, c, prefix+"verify_signature", message(1, hash, tc.keyField, tc.key, 3, tc.signature, 4, tc.text))
					ok, said := read(t, out)
					if s != foreign.OK || ok != tc.want || ok == (len(said[2]) > 0) {
						t.Errorf("%T, %s, %+v: %v, %q, status %d", key, hash, tc, ok, said[2], s)
					}
				}
			}
		}
	}
}

// TestSignaturesOfOthers checks what the standard library signs, and lets it
// check what we sign.
func TestSignaturesOfOthers(t *testing.T) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	public = der(t, public, err)
	sum := sha256.Sum256([]byte("text"))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	signature = der(t, signature, err)
	c := newCall(t)
	out, s := invoke(t, c, "verify_signature", message(1, "sha256", 2, public, 3, signature, 4, "text"))
	if s != foreign.OK || !bytes.Equal(out, []byte{8, 1}) {
		t.Errorf("verifying: %x, status %d", out, s)
	}
	sec1, err := x509.MarshalECPrivateKey(key)
	for _, field := range []struct {
		number int
		key    []byte
	}{{2, der(t, sec1, err)}, {4, armour("EC PRIVATE KEY", sec1)}} {
		out, s = invoke(t, c, "sign", message(1, "sha512", field.number, field.key, 3, "text"))
		_, made := read(t, out)
		long := sha512.Sum512([]byte("text"))
		if s != foreign.OK || !ecdsa.VerifyASN1(&key.PublicKey, long[:], made[2]) {
			t.Errorf("signing: %x, status %d", out, s)
		}
	}
}

func TestSignatureArguments(t *testing.T) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	public = der(t, public, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	private = der(t, private, err)
	edPublic, edPrivate, _ := ed25519.GenerateKey(rand.Reader)
	ed, err := x509.MarshalPKIXPublicKey(edPublic)
	ed = der(t, ed, err)
	edKey, err := x509.MarshalPKCS8PrivateKey(edPrivate)
	edKey = der(t, edKey, err)
	c := newCall(t)
	for name, args := range map[string][]byte{
		"no key":        message(1, "sha256", 4, "text"),
		"both keys":     message(1, "sha256", 2, public, 5, armour("PUBLIC KEY", public)),
		"no DER":        message(1, "sha256", 2, "key"),
		"no PEM":        message(1, "sha256", 5, "key"),
		"Ed25519":       message(1, "sha256", 2, ed),
		"not a message": {0xff},
		"cut off":       message(1, "sha256", 2, public)[:20],
	} {
		if _, s := invoke(t, c, "verify_signature", args); s != foreign.BadArgument {
			t.Errorf("verifying, %s: status %d", name, s)
		}
	}
	for name, args := range map[string][]byte{
		"no key":       message(1, "sha256", 3, "text"),
		"both keys":    message(1, "sha256", 2, private, 4, armour("PRIVATE KEY", private)),
		"a public key": message(1, "sha256", 2, public),
		"Ed25519":      message(1, "sha256", 2, edKey),
	} {
		if _, s := invoke(t, c, "sign", args); s != foreign.BadArgument {
			t.Errorf("signing, %s: status %d", name, s)
		}
	}
	out, s := invoke(t, c, "verify_signature", message(1, "md5", 2, public))
	if ok, said := read(t, out); s != foreign.OK || ok || len(said[2]) == 0 {
		t.Errorf("verifying by an unknown hash: %x, status %d", out, s)
	}
	out, s = invoke(t, c, "sign", message(1, "md5", 2, private))
	if ok, said := read(t, out); s != foreign.OK || ok || len(said[3]) == 0 {
		t.Errorf("signing by an unknown hash: %x, status %d", out, s)
	}
}
