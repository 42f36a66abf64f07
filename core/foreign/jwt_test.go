package foreign_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/weirproxy/weir/core/foreign"
)

// The bits of algorithms and the verdicts, as in ABI.md.
const (
	rs256, ps256, es256, es384, edDSA, hs256 = 1 << 0, 1 << 3, 1 << 6, 1 << 7, 1 << 9, 1 << 10

	valid, malformed, notAllowed, noKey, wrong, later = 0, 1, 2, 3, 4, 5
)

// issuer signs tokens with one key.
type issuer struct {
	key       any // for signing
	public    any // for verifying
	algorithm jose.SignatureAlgorithm
	bit       int
}

func issuers(t testing.TB) map[string]issuer {
	must := func(k any, err error) any {
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	r := must(rsa.GenerateKey(rand.Reader, 2048)).(*rsa.PrivateKey)
	e := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)).(*ecdsa.PrivateKey)
	e3 := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)).(*ecdsa.PrivateKey)
	_, d, err := ed25519.GenerateKey(rand.Reader)
	must(nil, err)
	secret := []byte("a secret that has thirty-two bytes or more")
	return map[string]issuer{
		"RS256": {r, r.Public(), jose.RS256, rs256},
		"PS256": {r, r.Public(), jose.PS256, ps256},
		"ES256": {e, e.Public(), jose.ES256, es256},
		"ES384": {e3, e3.Public(), jose.ES384, es384},
		"EdDSA": {d, d.Public(), jose.EdDSA, edDSA},
		"HS256": {secret, secret, jose.HS256, hs256},
	}
}

const payload = `{"iss":"https://issuer.example","sub":"ann","exp":1800000000,"admin":true,"aud":["a","b"],"realm":{"roles":["x"]},"n":null,"name":"\u00e9"}`

func (i issuer) sign(t testing.TB, payload string, o *jose.SignerOptions) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: i.algorithm, Key: i.key}, o)
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	text, err := token.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// set is a JSON Web Key Set of the issuer's key, among others.
func (i issuer) set(t testing.TB, id string) string {
	t.Helper()
	b, err := json.Marshal(jose.JSONWebKey{Key: i.public, KeyID: id})
	if err != nil {
		t.Fatal(err)
	}
	return `{"keys":[{"kty":"from-the-future","kid":"f"},` + string(b) + `]}`
}

func jwt(algorithms int, claims []string, keys, token string) []byte {
	parts := []any{uint32(algorithms), uint32(len(claims))}
	for _, c := range claims {
		parts = append(parts, uint32(len(c)), c)
	}
	return encode(append(parts, uint32(len(keys)), keys, token)...)
}

// verdict is an answer as text: the verdict, and each claim with its kind.
func verdict(t *testing.T, b []byte) string {
	t.Helper()
	text := fmt.Sprint(binary.LittleEndian.Uint32(b))
	for b = b[4:]; len(b) > 0; {
		kind, n := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		text += fmt.Sprintf(" %d:%s", kind, b[8:8+n])
		b = b[8+n:]
	}
	return text
}

func TestJWT(t *testing.T) {
	c := newCall(t)
	claims := []string{"iss", "exp", "admin", "aud", "realm\x00roles", "n", "name", "none", "sub\x00x"}
	want := `0 1:https://issuer.example 2:1800000000 3:true 4:["a","b"] 4:["x"] 4:null 1:é 0: 0:`
	for name, i := range issuers(t) {
		t.Run(name, func(t *testing.T) {
			token := i.sign(t, payload, (&jose.SignerOptions{}).WithHeader("kid", "one"))
			q := jwt(i.bit, claims, i.set(t, "one"), token)
			if i.bit != hs256 {
				if got, s := invoke(t, c, "weir.jwt_verify", q); s != foreign.OK || verdict(t, got) != fmt.Sprint(later) {
					t.Errorf("before it was seen: status %d, %x", s, got)
				}
				if got, s := invoke(t, c, "weir.async.jwt_verify", q); s != foreign.OK || verdict(t, got) != want {
					t.Errorf("status %d, %s", s, verdict(t, got))
				}
			}
			for range 2 {
				if got, s := invoke(t, c, "weir.jwt_verify", q); s != foreign.OK || verdict(t, got) != want {
					t.Errorf("status %d, %s", s, verdict(t, got))
				}
			}
		})
	}
}

func TestJWTRefuses(t *testing.T) {
	c := newCall(t)
	all := issuers(t)
	r, h, e := all["RS256"], all["HS256"], all["ES256"]
	token := r.sign(t, payload, (&jose.SignerOptions{}).WithHeader("kid", "one"))
	part := strings.Split(token, ".")
	der, err := x509.MarshalPKIXPublicKey(r.public)
	if err != nil {
		t.Fatal(err)
	}
	spki := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	confused := issuer{key: []byte(spki), algorithm: jose.HS256}.sign(t, payload, nil)
	small, _ := rsa.GenerateKey(rand.Reader, 1024)
	weak := issuer{key: small, public: crypto.PublicKey(&small.PublicKey), algorithm: jose.RS256}
	encoded := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for name, x := range map[string]struct {
		algorithms  int
		keys, token string
		want        int
	}{
		"by the key in PEM":             {rs256, spki, token, valid},
		"by a single key":               {rs256, strings.TrimSuffix(strings.TrimPrefix(r.set(t, ""), `{"keys":[{"kty":"from-the-future","kid":"f"},`), "]}"), token, valid},
		"an algorithm that is not":      {es256 | ps256, r.set(t, "one"), token, notAllowed},
		"no algorithm":                  {0, r.set(t, "one"), token, notAllowed},
		"a public key as a secret":      {rs256 | hs256, spki, confused, noKey},
		"alg none":                      {rs256 | hs256, r.set(t, ""), encoded(`{"alg":"none"}`) + "." + part[1] + ".", notAllowed},
		"another key's id":              {rs256, r.set(t, "two"), token, noKey},
		"another kind of key":           {rs256, e.set(t, "one"), token, noKey},
		"no keys":                       {rs256, `{"keys":[]}`, token, noKey},
		"a key for encryption":          {rs256, strings.Replace(r.set(t, "one"), `"kty":"RSA"`, `"kty":"RSA","use":"enc"`, 1), token, noKey},
		"a key of another algorithm":    {rs256, strings.Replace(r.set(t, "one"), `"kty":"RSA"`, `"kty":"RSA","alg":"PS256"`, 1), token, noKey},
		"a weak key":                    {rs256, weak.set(t, "one"), token, noKey},
		"a short secret":                {hs256, `{"keys":[{"kty":"oct","k":"c2hvcnQ"}]}`, h.sign(t, payload, nil), noKey},
		"another's signature":           {rs256, all["RS256"].set(t, "one"), part[0] + "." + encoded(`{"sub":"bob"}`) + "." + part[2], wrong},
		"a cut signature":               {rs256, r.set(t, "one"), token[:len(token)-4], wrong},
		"two parts":                     {rs256, r.set(t, "one"), part[0] + "." + part[1], malformed},
		"nothing":                       {rs256, r.set(t, "one"), "", malformed},
		"no JSON":                       {rs256, r.set(t, "one"), r.sign(t, "text", nil), malformed},
		"a claim that comes twice":      {rs256, r.set(t, "one"), r.sign(t, `{"sub":"a","sub":"b"}`, nil), malformed},
		"an extension that is critical": {rs256, r.set(t, "one"), r.sign(t, payload, (&jose.SignerOptions{}).WithCritical("b64")), malformed},
	} {
		t.Run(name, func(t *testing.T) {
			got, s := invoke(t, c, "weir.async.jwt_verify", jwt(x.algorithms, nil, x.keys, x.token))
			if s != foreign.OK || verdict(t, got) != fmt.Sprint(x.want) {
				t.Errorf("status %d, %x; want verdict %d", s, got, x.want)
			}
		})
	}
	for name, q := range map[string][]byte{
		"nothing":            nil,
		"no keys":            jwt(rs256, nil, "", token),
		"keys that are none": jwt(rs256, nil, `{"a":1}`, token),
		"an unknown bit":     jwt(1<<13, nil, spki, token),
		"a large token":      jwt(rs256, nil, spki, strings.Repeat("a", 16<<10+1)),
		"many claims":        jwt(rs256, make([]string, 33), spki, token),
		"a cut":              jwt(rs256, nil, spki, "")[:20],
	} {
		t.Run(name, func(t *testing.T) {
			if _, s := invoke(t, c, "weir.async.jwt_verify", q); s != foreign.BadArgument {
				t.Errorf("status %d", s)
			}
		})
	}
}

// What was found valid is remembered by all that was asked: the same token by
// other keys is another question.
func TestJWTIsRememberedByItsKeys(t *testing.T) {
	c := newCall(t)
	i, other := issuers(t)["RS256"], issuers(t)["RS256"]
	token := i.sign(t, payload, nil)
	if got, s := invoke(t, c, "weir.async.jwt_verify", jwt(rs256, nil, i.set(t, ""), token)); s != foreign.OK || verdict(t, got) != "0" {
		t.Fatalf("status %d, %x", s, got)
	}
	if got, s := invoke(t, c, "weir.jwt_verify", jwt(rs256, nil, other.set(t, ""), token)); s != foreign.OK || verdict(t, got) != fmt.Sprint(later) {
		t.Errorf("by other keys: status %d, %x", s, got)
	}
}

func BenchmarkJWT(b *testing.B) {
	c := newCall(b)
	for name, i := range issuers(b) {
		token := i.sign(b, payload, nil)
		q := jwt(i.bit, []string{"iss", "sub", "exp", "aud"}, i.set(b, ""), token)
		f := registry.Find([]byte("weir.async.jwt_verify"))
		b.Run(name+"-first", func(b *testing.B) {
			n := 0
			for b.Loop() {
				n++ // what was asked before is remembered
				f.Run(c, nil, jwt(i.bit, []string{fmt.Sprint(n)}, i.set(b, ""), token))
			}
		})
		f.Run(c, nil, q)
		quick := registry.Find([]byte("weir.jwt_verify"))
		b.Run(name+"-again", func(b *testing.B) {
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				dst, _, _ = quick.Run(c, dst[:0], q)
			}
		})
	}
}
