package filtertest_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/weirproxy/weir/core/foreign"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

// later is a filter that pauses until a foreign function answers.
type later struct{}

var laterSaid []byte

func (later) OnRequestHeaders(*sdk.Stream, bool) sdk.Action {
	if _, err := sdk.Foreign("weir.async.jwt_verify", ask.args); err != nil {
		return sdk.Continue
	}
	return sdk.Pause
}

func (later) OnForeign(s *sdk.Stream, _ uint32, answer []byte) {
	laterSaid = bytes.Clone(answer)
	_ = s.ContinueRequest()
}

func init() {
	sdk.Register("later", func(*sdk.Root) (sdk.Plugin, error) { return later{}, nil })
}

// signer is a key and its algorithm.
type signer struct {
	algorithm jose.SignatureAlgorithm
	bit       int
	key       any
	public    jose.JSONWebKey
}

func signers(t *testing.T) (all []signer) {
	add := func(a jose.SignatureAlgorithm, bit int, key, public any, err error) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, signer{a, bit, key, jose.JSONWebKey{Key: public, KeyID: string(a)}})
	}
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	add(jose.RS256, 0, r, r.Public(), err)
	add(jose.PS256, 3, r, r.Public(), err)
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	add(jose.ES256, 6, e, e.Public(), err)
	public, d, err := ed25519.GenerateKey(rand.Reader)
	add(jose.EdDSA, 9, d, public, err)
	secret := bytes.Repeat([]byte("secret"), 8)
	add(jose.HS256, 10, secret, secret, nil)
	add(jose.HS256, 10, secret[:20], secret[:20], nil) // too short
	return all
}

func (s *signer) sign(t *testing.T, payload string, options *jose.SignerOptions) string {
	if k, ok := s.key.([]byte); ok && len(k) < 32 { // the library does not sign by it
		return "e30.e30.e30"
	}
	by, err := jose.NewSigner(jose.SigningKey{Algorithm: s.algorithm, Key: s.key}, options)
	if err != nil {
		t.Fatal(err)
	}
	token, err := by.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	text, err := token.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestEmulatedTokensAreVerifiedAsByTheRealHost asks both the same, at once and
// beside the lane.
func TestEmulatedTokensAreVerifiedAsByTheRealHost(t *testing.T) {
	random := mathrand.New(mathrand.NewPCG(7, 8))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	all := signers(t)
	set := jose.JSONWebKeySet{}
	for _, s := range all {
		set.Keys = append(set.Keys, s.public)
	}
	marshal := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	keySets := []string{marshal(set), marshal(set), "", "{}", `{"keys":[]}`, `{"keys":[{"kty":"none"}]}`, "nonsense"}
	payloads := []string{`{"sub":"ann","exp":1800000000,"admin":true,"aud":["a"],"realm":{"roles":["x"],"n":null},"name":"\u00e9"}`, `{}`, `[1]`, `{"a":1,"a":2}`, `{"sub":{"deep":{"er":-1.5}}}`, "no JSON"}
	real := foreign.NewRegistry()
	store := sdktest.NewStore() // what was found valid is known to both, as in the registry
	h, ok1 := sdktest.Start(t, "asker", sdktest.Options{Store: store})
	waiting, ok2 := sdktest.Start(t, "later", sdktest.Options{Store: store})
	if !ok1 || !ok2 {
		t.Fatal(h.Logs(), waiting.Logs())
	}
	seen := map[string]int{}
	for n := range 1500 {
		s := &all[random.IntN(len(all))]
		options := (&jose.SignerOptions{}).WithHeader("kid", pick(string(s.algorithm), string(s.algorithm), "other"))
		if random.IntN(3) == 0 {
			options = nil
		} else if random.IntN(10) == 0 {
			options = options.WithHeader("crit", []string{"b64"})
		}
		token := s.sign(t, payloads[random.IntN(len(payloads))], options)
		switch random.IntN(12) {
		case 0:
			token = token[:random.IntN(len(token))]
		case 1:
			head, rest, _ := strings.Cut(token, ".")
			_, signature, _ := strings.Cut(rest, ".")
			token = head + ".eyJzdWIiOiJib2IifQ." + signature
		}
		if random.IntN(12) == 0 { // a question about the keys
			token = ""
		}
		keys := keySets[random.IntN(len(keySets))]
		if random.IntN(3) == 0 {
			keys = marshal(all[random.IntN(len(all))].public)
		}
		word := func(b []byte, v int) []byte { return binary.LittleEndian.AppendUint32(b, uint32(v)) }
		run := func(b []byte, s string) []byte { return append(word(b, len(s)), s...) }
		allowed := 1 << s.bit
		if random.IntN(3) == 0 {
			allowed = random.IntN(1 << 14)
		}
		names := []string{"sub", "exp", "admin", "aud", "realm\x00roles", "realm\x00n", "sub\x00deep\x00er", "none", "name"}[:random.IntN(10)]
		args := word(word(nil, allowed), len(names))
		for _, name := range names {
			args = run(args, name)
		}
		args = append(run(args, keys), token...)
		if random.IntN(40) == 0 {
			args = args[:random.IntN(len(args))]
		}
		ask.args = args
		if random.IntN(2) == 0 {
			ask.name = "weir.jwt_verify"
			h.Stream(sdktest.Request{}).Finish()
			want, _, status := real.Find([]byte(ask.name)).Run(caller{}, nil, args)
			if fmt.Sprint(ask.err) != text(status) || status == foreign.OK && !bytes.Equal(want, ask.result) {
				t.Fatalf("call %d, %q: emulated %v %q, real %s %q", n, args, ask.err, ask.result, text(status), want)
			}
			continue
		}
		laterSaid = nil
		stream := waiting.Stream(sdktest.Request{})
		want, _, status := real.Find([]byte("weir.async.jwt_verify")).Run(caller{}, nil, args)
		whole := append(word(nil, int(status)), want...)
		if status != foreign.OK {
			whole = whole[:4]
		}
		if !bytes.Equal(laterSaid, whole) || !stream.Upstream().Passed() {
			t.Fatalf("call %d, %q: emulated %q, real %q", n, args, laterSaid, whole)
		}
		if status == foreign.OK {
			seen[fmt.Sprint(binary.LittleEndian.Uint32(want))]++
		}
		stream.Finish()
	}
	for _, verdict := range []string{"0", "1", "2", "3", "4"} {
		if seen[verdict] == 0 {
			t.Errorf("no token had verdict %s: %v", verdict, seen)
		}
	}
}
