package weir_test

import (
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
	"github.com/weirproxy/weir/sdk/weir"
)

// in runs do as a filter's configuration, on a host of the given options.
func in(t *testing.T, o sdktest.Options, do func()) *sdktest.Host {
	t.Helper()
	body = do
	h, ok := sdktest.Start(t, "body", o)
	if !ok {
		t.Fatal(h.Logs())
	}
	return h
}

var body func()

type empty struct{}

func init() {
	sdk.Register("body", func(*sdk.Root) (sdk.Plugin, error) { body(); return empty{}, nil })
}

func TestElsewhereNothingIsFound(t *testing.T) {
	in(t, sdktest.Options{Elsewhere: true}, func() {
		if weir.Here() {
			t.Error("another host passes for Weir")
		}
		_, _, get := weir.Get("k")
		_, set := weir.Set("k", nil, 0, 0)
		_, increment := weir.Increment("k", 1, 0)
		_, take := weir.NewLimiter(weir.Rate{Limit: 1, Period: 1}).Take(nil, 1)
		_, hash := weir.Hash(weir.SHA256, nil)
		_, mac := weir.HMAC(weir.SHA256, nil, nil)
		_, random := weir.Random(1)
		_, equal := weir.Equal(nil, nil)
		_, match := weir.Regex("a").Match(nil)
		_, replace := weir.Regex("a").Replace(nil, "")
		for i, err := range []error{get, set, weir.Delete("k", 0), increment, take, hash, mac, random, equal, match, replace} {
			if err != sdk.ErrNotFound {
				t.Errorf("function %d answers %v", i, err)
			}
		}
	})
}

func TestValues(t *testing.T) {
	store := sdktest.NewStore()
	h := in(t, sdktest.Options{Store: store}, func() {
		if _, _, err := weir.Get("k"); err != sdk.ErrNotFound {
			t.Errorf("an absent key: %v", err)
		}
		cas, err := weir.Set("k", []byte("v"), time.Minute, 0)
		if err != nil || cas == 0 {
			t.Errorf("setting: %d, %v", cas, err)
		}
		v, got, err := weir.Get("k")
		if string(v) != "v" || got != cas || err != nil {
			t.Errorf("got %q, %d, %v", v, got, err)
		}
		if _, err := weir.Set("k", nil, 0, cas+9); err != sdk.ErrCASMismatch {
			t.Errorf("a stale number: %v", err)
		}
		if _, err := weir.Increment("k", 1, 0); err != sdk.ErrBadArgument {
			t.Errorf("incrementing a text: %v", err)
		}
		weir.Increment("n", 5, time.Second)
		if sum, err := weir.Increment("n", -7, 0); sum != -2 || err != nil {
			t.Errorf("the sum is %d, %v", sum, err)
		}
		if err := weir.Delete("k", 0); err != nil {
			t.Errorf("deleting: %v", err)
		}
		if err := weir.Delete("k", 0); err != sdk.ErrNotFound {
			t.Errorf("deleting again: %v", err)
		}
	})
	in(t, sdktest.Options{Store: store, Start: h.Time().Add(2 * time.Second)}, func() {
		if sum, _ := weir.Increment("n", 1, 0); sum != 1 {
			t.Errorf("an expired counter goes on at %d", sum)
		}
	})
}

func TestLimiter(t *testing.T) {
	in(t, sdktest.Options{}, func() {
		l := weir.NewLimiter(weir.Rate{Algorithm: weir.TokenBucket, Limit: 2, Period: time.Second})
		d, err := l.Take([]byte("key"), 1)
		if want := (weir.Decision{Allowed: true, Remaining: 1, Reset: time.Second / 2}); d != want || err != nil {
			t.Errorf("first: %+v, %v", d, err)
		}
		d, _ = l.Take([]byte("key"), 2)
		if want := (weir.Decision{Remaining: 1, Reset: time.Second / 2, Retry: time.Second / 2}); d != want {
			t.Errorf("too much: %+v", d)
		}
		if d, _ = l.Take([]byte("key"), 3); d.Allowed || d.Retry >= 0 {
			t.Errorf("more than can ever be: %+v", d)
		}
		if _, err := weir.NewLimiter(weir.Rate{Limit: 1}).Take(nil, 1); err != sdk.ErrBadArgument {
			t.Errorf("a rate without a period: %v", err)
		}
	})
}

func TestDigests(t *testing.T) {
	in(t, sdktest.Options{}, func() {
		d, err := weir.Hash(weir.SHA256, []byte("abc"))
		if hex.EncodeToString(d) != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" || err != nil {
			t.Errorf("SHA-256: %x, %v", d, err)
		}
		// RFC 4231, test case 2.
		d, err = weir.HMAC(weir.SHA256, []byte("Jefe"), []byte("what do ya want for nothing?"))
		if hex.EncodeToString(d) != "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" || err != nil {
			t.Errorf("HMAC: %x, %v", d, err)
		}
		a, _ := weir.Random(32)
		a = slices.Clone(a)
		if b, err := weir.Random(32); len(b) != 32 || slices.Equal(a, b) || err != nil {
			t.Errorf("random bytes: %x, %x, %v", a, b, err)
		}
		same, err := weir.Equal([]byte("ab"), []byte("ab"))
		if differ, _ := weir.Equal([]byte("ab"), []byte("ac")); !same || differ || err != nil {
			t.Errorf("comparing: %v, %v, %v", same, differ, err)
		}
		if _, err := weir.Hash(99, nil); err != sdk.ErrBadArgument {
			t.Errorf("an unknown algorithm: %v", err)
		}
	})
}

func TestRegex(t *testing.T) {
	in(t, sdktest.Options{}, func() {
		x := weir.Regex("([a-z])([0-9])?")
		if ok, err := x.Match([]byte("..b..")); !ok || err != nil {
			t.Errorf("match: %v, %v", ok, err)
		}
		if at, err := x.Find(nil, []byte("..b..")); !slices.Equal(at, []int{2, 3, 2, 3, -1, -1}) || err != nil {
			t.Errorf("find: %v, %v", at, err)
		}
		if v, err := x.Replace([]byte("b1"), "<$2>"); string(v) != "<1>" || err != nil {
			t.Errorf("replace: %q, %v", v, err)
		}
		if err := weir.Regex("(").Check(); err != sdk.ErrBadArgument {
			t.Errorf("a malformed expression: %v", err)
		}
	})
}

func TestLane(t *testing.T) {
	in(t, sdktest.Options{Lane: 3}, func() {
		if got := weir.Lane(); got != 3 {
			t.Errorf("lane %d, want 3", got)
		}
	})
	in(t, sdktest.Options{Lane: 3, Elsewhere: true}, func() {
		if got := weir.Lane(); got != 0 {
			t.Errorf("lane %d on another host, want 0", got)
		}
	})
}

func TestHashKeyIsAStreams(t *testing.T) {
	in(t, sdktest.Options{}, func() {
		if err := weir.SetHashKey("k"); err != sdk.ErrNotFound {
			t.Errorf("without a stream: %v, want not found", err)
		}
	})
}

func TestClientIP(t *testing.T) {
	for fact, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1", "[2001:db8::1]:80": "2001:db8::1", "2001:db8::1": "2001:db8::1",
		"[2001:db8::1]": "2001:db8::1", "192.0.2.1": "192.0.2.1", "": "", ":": "",
	} {
		in(t, sdktest.Options{Properties: map[string]string{"source.address": fact}}, func() {
			if got := weir.ClientIP(); string(got) != want {
				t.Errorf("%q is %q, want %q", fact, got, want)
			}
		})
	}
	in(t, sdktest.Options{Properties: map[string]string{"source.address": "192.0.2.1:80", "weir.client_ip": "198.51.100.2"}}, func() {
		if got := weir.ClientIP(); string(got) != "198.51.100.2" {
			t.Errorf("behind a proxy: %q", got)
		}
	})
}

// TestVerifiersKeepTheirQuestions: what other functions are asked in between
// must not get into them.
func TestVerifiersKeepTheirQuestions(t *testing.T) {
	in(t, sdktest.Options{}, func() {
		v := weir.NewJWTVerifier(weir.HS256, []string{"sub"}, `{"kty":"oct","k":"YSBzZWNyZXQgdGhhdCBoYXMgdGhpcnR5LXR3byBieXRlcw"}`)
		if _, err := v.VerifyLater([]byte("x")); err != nil {
			t.Error(err)
		}
		if _, err := weir.Set("key", make([]byte, 1000), 0, 0); err != nil {
			t.Error(err)
		}
		if err := v.Ready(); err != nil {
			t.Errorf("the keys are lost: %v", err)
		}
		if err := weir.NewJWTVerifier(weir.ES256, nil, `{"kty":"oct","k":"YQ"}`).Ready(); err != sdk.ErrNotFound {
			t.Errorf("no key for the algorithm: %v", err)
		}
	})
}

// TestOrder: what a filter says of its place is handed over as lines, which the emulated
// host takes too; a host that does not know them is none the wiser.
func TestOrder(t *testing.T) {
	var said []string
	declare := func() {
		var o weir.Order
		o.Sets("weir.identity")
		o.Reads("weir.claim.tenant")
		o.Logs("acme.tier")
		o.Encodes()
		o.Parses()
		o.Declare()
	}
	in(t, sdktest.Options{Functions: map[string]func([]byte) ([]byte, error){
		"weir.order": func(lines []byte) ([]byte, error) { said = append(said, string(lines)); return nil, nil },
	}}, declare)
	if want := []string{"sets weir.identity\nreads weir.claim.tenant\nlogs acme.tier\nencodes\nparses\n"}; !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
	in(t, sdktest.Options{}, func() {
		declare()
		for lines, want := range map[string]error{"sets a\nparses": nil, "": nil, "eats a": sdk.ErrBadArgument, "sets ": sdk.ErrBadArgument, "parses a": sdk.ErrBadArgument} {
			if _, err := sdk.Foreign("weir.order", []byte(lines)); err != want {
				t.Errorf("%q is answered %v, want %v", lines, err, want)
			}
		}
	})
	in(t, sdktest.Options{Elsewhere: true}, declare)
}
