package jwt_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/weirproxy/weir/sdk/sdktest"
)

const (
	secret = "a secret of thirty-two bytes or more"
	remote = `{"issuers":[{"issuer":"idp","jwks_url":"https://idp.example/keys?v=1","cluster":"idp","refetch":"30s"}]}`
)

// sign makes a token; the key decides the algorithm.
func sign(key any, kid, payload string) string {
	a, o := jose.ES256, (&jose.SignerOptions{}).WithHeader("kid", kid)
	if _, ok := key.([]byte); ok {
		a = jose.HS256
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: a, Key: key}, o)
	if err != nil {
		panic(err)
	}
	token, err := s.Sign([]byte(payload))
	if err != nil {
		panic(err)
	}
	text, _ := token.CompactSerialize()
	return text
}

// idp is an issuer whose keys are fetched.
type idp struct{ keys []jose.JSONWebKey }

// rotate adds a key and answers a token that it has signed.
func (i *idp) rotate(t *testing.T, kid string) (token string) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.keys = append(i.keys, jose.JSONWebKey{Key: k.Public(), KeyID: kid, Use: "sig"})
	return sign(k, kid, `{"iss":"idp","sub":"ann","exp":2000000000}`)
}

func (i *idp) set(t *testing.T) sdktest.Response {
	b, err := json.Marshal(jose.JSONWebKeySet{Keys: i.keys})
	if err != nil {
		t.Fatal(err)
	}
	return sdktest.Response{Headers: sdktest.H("cache-control", "public, max-age=60"), Body: string(b)}
}

// lane starts an instance.
func lane(t *testing.T, n int, store *sdktest.Store) *sdktest.Host {
	h, ok := sdktest.Start(t, "jwt", sdktest.Options{Config: remote, Calls: []string{"idp"}, Lane: n, Store: store})
	if !ok {
		t.Fatal(h.Logs())
	}
	h.Advance(50 * time.Millisecond) // its first tick
	return h
}

func bearer(token string) sdktest.Request {
	return sdktest.Request{Headers: sdktest.H("authorization", "Bearer "+token)}
}

// outcome is "passed", "waits" or the details of a refusal.
func outcome(s *sdktest.Stream) string {
	switch {
	case s.Local():
		return s.Details()
	case s.Upstream().Passed():
		return "passed"
	}
	return "waits"
}

func expect(t *testing.T, what string, s *sdktest.Stream, want string) {
	t.Helper()
	if got := outcome(s); got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func TestKeysAreFetchedByOneLane(t *testing.T) {
	i, store := &idp{}, sdktest.NewStore()
	token := i.rotate(t, "1")
	zero, one := lane(t, 0, store), lane(t, 1, store)
	if len(zero.Calls()) != 1 || len(one.Calls()) != 0 {
		t.Fatalf("lane 0 makes %d calls, lane 1 %d", len(zero.Calls()), len(one.Calls()))
	}
	c := zero.Calls()[0]
	if got := fmt.Sprint(c.Cluster, " ", c.Get(":method"), " ", c.Get(":scheme"), "://", c.Get(":authority"), c.Get(":path")); got != "idp GET https://idp.example/keys?v=1" {
		t.Errorf("the call is %s", got)
	}
	s := one.Stream(bearer(token))
	expect(t, "before the first fetch", s, "jwt_no_keys")
	if s.Downstream().Get(":status") != "503" {
		t.Errorf("status %s", s.Downstream().Get(":status"))
	}
	c.Answer(i.set(t))
	expect(t, "lane 1 has the keys at once", one.Stream(bearer(token)), "passed")
	expect(t, "lane 0 has them too", zero.Stream(bearer(token)), "passed")
	zero.Advance(59 * time.Second)
	if len(zero.Calls()) != 0 {
		t.Error("they are fetched again before their time")
	}
	zero.Advance(2 * time.Second)
	if len(zero.Calls()) != 1 {
		t.Error("they are not fetched again in time")
	}
}

func TestLastGoodKeysStay(t *testing.T) {
	for name, bad := range map[string]sdktest.Response{
		"status":        {Status: 500, Body: "no"},
		"nothing":       {},
		"no JSON":       {Body: "<html>"},
		"no keys":       {Body: `{"keys":[]}`},
		"secrets alone": {Body: `{"keys":[{"kty":"oct","k":"YSBzZWNyZXQgdGhhdCBoYXMgdGhpcnR5LXR3byBieXRlcw"}]}`},
		"unusable keys": {Body: `{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`},
		"too much":      {Body: strings.Repeat(" ", 256<<10) + `{"keys":[]}`},
		"too many":      {Body: `{"keys":[` + strings.Repeat(`{"kty":"EC"},`, 2000) + `{"kty":"EC"}]}`},
		"deep":          {Body: `{"x":` + strings.Repeat("[", 1000)},
		"a claim twice": {Body: `{"keys":[{"kty":"EC","kty":"RSA"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			i := &idp{}
			token := i.rotate(t, "1")
			h := lane(t, 0, sdktest.NewStore())
			h.Calls()[0].Answer(i.set(t))
			h.Advance(61 * time.Second)
			h.Calls()[0].Answer(bad)
			expect(t, "after a bad answer", h.Stream(bearer(token)), "passed")
			if n := h.Metric("jwt_fetch_failures_total"); n != 1 || !slices.ContainsFunc(h.Logs(), func(l string) bool { return strings.Contains(l, `fetching keys of issuer "idp": `) }) {
				t.Errorf("%d failures, log %q", n, h.Logs())
			}
			h.Advance(time.Second)
			h.Calls()[0].Fail() // the next try, which waits longer
			h.Advance(1900 * time.Millisecond)
			if n := len(h.Calls()); n != 0 {
				t.Errorf("%d tries before their time", n)
			}
			h.Advance(200 * time.Millisecond)
			if n := len(h.Calls()); n != 1 {
				t.Errorf("%d tries in time", n)
			}
			expect(t, "after no answer", h.Stream(bearer(token)), "passed")
		})
	}
}

func TestUnknownKeysAreFetchedAtABoundedRate(t *testing.T) {
	i, store := &idp{}, sdktest.NewStore()
	old := i.rotate(t, "1")
	zero, one := lane(t, 0, store), lane(t, 1, store)
	zero.Calls()[0].Answer(i.set(t))
	fresh := i.rotate(t, "2")

	first, second := one.Stream(bearer(fresh)), one.Stream(bearer(fresh))
	expect(t, "a new key", first, "waits")
	expect(t, "the same, meanwhile", second, "waits")
	expect(t, "an old one, meanwhile", one.Stream(bearer(old)), "passed")
	zero.Deliver()
	if n := len(zero.Calls()); n != 1 {
		t.Fatalf("%d fetches", n)
	}
	zero.Calls()[0].Answer(i.set(t))
	one.Advance(50 * time.Millisecond)
	expect(t, "once it is fetched", first, "passed")
	expect(t, "the other", second, "passed")

	stranger := (&idp{}).rotate(t, "3")
	expect(t, "a key that is none, within the interval", one.Stream(bearer(stranger)), "jwt_unknown_key")
	one.Advance(31 * time.Second)
	zero.Advance(31 * time.Second)
	late := one.Stream(bearer(stranger))
	expect(t, "after it", late, "waits")
	zero.Deliver()
	if n := len(zero.Calls()); n != 1 {
		t.Fatalf("%d fetches", n)
	}
	zero.Calls()[0].Fail()
	one.Advance(50 * time.Millisecond)
	expect(t, "once the fetch has failed", late, "jwt_unknown_key")
	for range 100 {
		expect(t, "a flood", one.Stream(bearer(stranger)), "jwt_unknown_key")
	}
	zero.Deliver()
	if n := len(zero.Calls()); n != 0 {
		t.Errorf("a flood caused %d fetches", n)
	}
}

// TestWithdrawnKeys: a key that its issuer has taken out of the set verifies nothing from
// then on, in no lane, whatever it was asked before.
func TestWithdrawnKeys(t *testing.T) {
	i, store := &idp{}, sdktest.NewStore()
	old := i.rotate(t, "1")
	zero, one := lane(t, 0, store), lane(t, 1, store)
	zero.Calls()[0].Answer(i.set(t))
	expect(t, "while its key is there", one.Stream(bearer(old)), "passed")
	i.keys = nil
	fresh := i.rotate(t, "2")
	zero.Advance(61 * time.Second)
	zero.Calls()[0].Answer(i.set(t))
	expect(t, "a token of the new key", one.Stream(bearer(fresh)), "passed") // no tick of lane 1 in between
	for n, h := range []*sdktest.Host{zero, one} {
		s := h.Stream(bearer(old))
		if got := outcome(s); got != "jwt_unknown_key" && got != "waits" { // for one more look at the keys
			t.Errorf("lane %d: a token whose key is withdrawn: %s", n, got)
		}
	}
}

// TestWaitingEnds: lane 0 may not come to fetch.
func TestWaitingEnds(t *testing.T) {
	i, store := &idp{}, sdktest.NewStore()
	i.rotate(t, "1")
	zero, one := lane(t, 0, store), lane(t, 1, store)
	zero.Calls()[0].Answer(i.set(t))
	s := one.Stream(bearer(i.rotate(t, "2")))
	gone := one.Stream(bearer(i.rotate(t, "3")))
	gone.Finish()
	one.Advance(9 * time.Second)
	expect(t, "while somebody may come", s, "waits")
	one.Advance(2 * time.Second)
	expect(t, "when nobody has come", s, "jwt_unknown_key")
}

func TestClusterMustBeAmongCalls(t *testing.T) {
	h, _ := sdktest.Start(t, "jwt", sdktest.Options{Config: remote})
	h.Advance(time.Second)
	if !slices.ContainsFunc(h.Logs(), func(l string) bool { return strings.Contains(l, `is it among the filter's calls?`) }) {
		t.Errorf("log %q", h.Logs())
	}
}
