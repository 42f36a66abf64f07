package jwt

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/sdk/weir"
)

// FuzzPublicKeys reads any text as a fetched set: what is kept is JSON, and has
// nothing of a private key or a secret.
func FuzzPublicKeys(f *testing.F) {
	for _, s := range []string{
		`{"keys":[{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"private"}]}`, `{"keys":[{"kty":"oct","k":"secret"},{"kty":"RSA","kid":"\u0000\"\\"}]}`,
		`{"x":[null,{"a":1}],"keys":[]}`, `{"keys":[{"kty":"OKP","x5c":["MII"],"use":"sig","alg":1}]}`, `[]`, ``, `{"keys":[1]}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		kept, err := publicKeys(text)
		if err != nil {
			return
		}
		var set struct{ Keys []map[string]string }
		if err := json.Unmarshal(kept, &set); err != nil || len(set.Keys) == 0 {
			t.Fatalf("%q is kept as %q: %v", text, kept, err)
		}
		for _, k := range set.Keys {
			for name := range k {
				if !slices.Contains(members[:], name) {
					t.Fatalf("%q: %q is kept", text, name)
				}
			}
			if kty := k["kty"]; kty != "RSA" && kty != "EC" && kty != "OKP" {
				t.Fatalf("%q: a key of kind %q is kept", text, kty)
			}
		}
	})
}

// FuzzListHas compares with encoding/json.
func FuzzListHas(f *testing.F) {
	for _, s := range []string{`["a","b"]`, `[["a"],{"a":"a"},1,"\u0061"]`, `[]`, `["\"a","a\\"]`, `{"a":["a"]}`} {
		f.Add(s, "a")
	}
	f.Fuzz(func(t *testing.T, raw, want string) {
		var list []any
		if !json.Valid([]byte(raw)) || json.Unmarshal([]byte(raw), &list) != nil || raw != strings.TrimSpace(raw) || strings.ToValidUTF8(raw, "") != raw || strings.Contains(strings.ToLower(raw), `\ud`) {
			listHas([]byte(raw), want)
			return
		}
		if got := listHas([]byte(raw), want); got != slices.Contains(list, any(want)) {
			t.Fatalf("%s has %q: %v", raw, want, got)
		}
	})
}

// FuzzPeek finds the issuer that encoding/json does, or none.
func FuzzPeek(f *testing.F) {
	for _, s := range []string{`{"iss":"a"}`, `{"iss":1}`, `{"iss":"a","iss":"b"}`, `{"x":{"iss":"b"},"iss":"\u0061"}`, `[`, ``} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		got, ok := peek([]byte("h." + base64.RawURLEncoding.EncodeToString(payload) + ".s"))
		peek(payload)
		var want struct{ Iss any }
		if err := json.Unmarshal(payload, &want); ok && err != nil {
			t.Fatalf("%q: %v", payload, err)
		}
		var all map[string]any
		_ = json.Unmarshal(payload, &all)
		if text, _ := all["iss"].(string); ok && got != text {
			t.Fatalf("%q is of %q, not %q", payload, got, text)
		}
	})
}

// FuzzSeconds reads any text as a time.
func FuzzSeconds(f *testing.F) {
	for _, s := range []string{"0", "1767225600", "-1", "1e300", "1.5", "999999999999999999", "1e", "", "NaN", "Inf"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v := value{weir.JWTNumber, []byte(text)}
		if n, there, ok := v.seconds(); there != ok || n > 1<<60 || n < -1<<60 {
			t.Fatalf("%q is %d, %v, %v", text, n, there, ok)
		}
	})
}

func TestLifetime(t *testing.T) {
	for control, want := range map[string]time.Duration{
		"": time.Hour, "no-store": time.Hour, "max-age=60": time.Minute, "public, MAX-AGE=\"60\"": time.Minute, "max-age=1": 10 * time.Second,
		"max-age=99999999": 24 * time.Hour, "max-age=99999999999999999999": time.Hour, "max-age=-1": time.Hour, "max-age=": time.Hour, "s-maxage=5": time.Hour,
	} {
		if got := lifetime([]byte(control), time.Hour); got != want {
			t.Errorf("%q: %v, want %v", control, got, want)
		}
	}
}
