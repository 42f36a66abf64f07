package jwt

import (
	"encoding/base64"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// algorithms are those that may be allowed, in the order of their bits.
var algorithms = [...]string{
	"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512",
}

// The kinds of algorithms: with secrets, and with public keys.
const (
	secretAlgorithms = weir.HS256 | weir.HS384 | weir.HS512
	publicAlgorithms = weir.HS256 - 1
)

// leastSecret is the size below which the host does not use a secret (RFC 7518,
// section 3.2), in bytes.
const leastSecret = 32

func (f *filter) readIssuer(r *jsonconf.Reader) {
	is := &issuer{}
	given := ""
	var source jwks
	r.Object(func(key []byte) {
		switch string(key) {
		case "issuer":
			is.name = r.String()
		case "audiences":
			if is.audiences = r.Strings(); !r.Failed() && len(is.audiences) == 0 {
				r.Fail("needs at least one audience; leave it out to take tokens for anybody")
			}
		case "algorithms":
			r.List(func(int) { is.allowed |= algorithm(r.OneOf(algorithms[:]...)) })
		case "keys", "secret":
			if given != "" {
				r.Fail("stands beside ", jsonconf.Quote(given), "; give one of them")
			}
			given = string(key)
			if is.given = r.String(); is.given == "" {
				r.Fail("is empty")
			}
		case "require":
			r.Object(func(key []byte) { f.readRequirement(r, is, string(key)) })
		default:
			if !source.read(r, key) {
				r.Unknown("issuer", "audiences", "algorithms", "keys", "secret", "jwks_url", "cluster", "refresh", "refetch", "require")
			}
		}
	})
	if !r.Failed() {
		is.complete(r, given, &source)
	}
	f.issuers = append(f.issuers, is)
}

func algorithm(name string) (bit weir.JWTAlgorithms) {
	for i, known := range algorithms {
		if known == name {
			bit = 1 << i
		}
	}
	return bit
}

// readRequirement reads what a claim must be: a text, one of a list, or a truth.
func (f *filter) readRequirement(r *jsonconf.Reader, is *issuer, name string) {
	q := requirement{words: name == "scope" || name == "scp"}
	switch {
	case r.IsList():
		q.values = r.Strings()
	case r.IsString():
		q.values = []string{r.String()}
	case r.Bool():
		q.values = []string{"true"}
	default:
		q.values = []string{"false"}
	}
	if q.claim = f.readClaim(r, name); q.claim < 0 {
		r.Fail("must be the name of a claim")
		return
	}
	is.required = append(is.required, q)
}

// complete checks an issuer, and makes its keys ready to be used.
func (is *issuer) complete(r *jsonconf.Reader, given string, source *jwks) {
	switch {
	case given != "" && source.any():
		r.Fail("has keys of its own and a place to fetch them from; give one")
	case given == "" && source.url == "":
		r.Fail(`needs "keys", "secret" or "jwks_url"`)
	}
	if is.allowed == 0 {
		if is.allowed = publicAlgorithms; given == "secret" {
			is.allowed = weir.HS256
		}
	}
	secret := is.allowed&secretAlgorithms != 0
	switch {
	case secret && is.allowed&publicAlgorithms != 0:
		r.FailAt("algorithms", "has some for secrets and some for public keys: whoever knows a public key must not pass for its owner; use two issuers")
	case given == "secret" && !secret:
		r.FailAt("algorithms", `has none for "secret": HS256, HS384 or HS512`)
	case given == "secret" && len(is.given) < leastSecret:
		r.FailAt("secret", "must have 32 bytes or more: a shorter one can be guessed")
	case given == "" && secret:
		r.FailAt("algorithms", "has some for secrets, which nobody must be able to fetch")
	case given == "secret":
		is.given = `{"kty":"oct","k":"` + base64.RawURLEncoding.EncodeToString([]byte(is.given)) + `"}`
	case given == "":
		is.remote = source.remote(r)
	case !secret:
		if set, err := publicKeys([]byte(is.given)); err == nil {
			is.given = string(set) // the shorter it is, the less each request costs
		}
	}
	if len(is.given) > maxKeys {
		r.FailAt(given, "has more than 14 KiB; give less keys, or without their certificates")
	}
}

// makeVerifiers has the host check the keys that are given.
func (f *filter) makeVerifiers(r *jsonconf.Reader) {
	var asked []string
	for i := range f.claims {
		asked = append(asked, f.claims[i].path())
	}
	for _, is := range f.issuers {
		is.asked = asked
		if is.given == "" || r.Failed() {
			continue
		}
		is.verifier = weir.NewJWTVerifier(is.allowed, asked, is.given)
		switch err := is.verifier.Ready(); err {
		case nil:
		case sdk.ErrNotFound:
			r.FailAt("issuers", "issuer ", jsonconf.Quote(is.name), " has no key for its algorithms: RSA keys need 2048 bits or more, secrets 32 bytes")
		default:
			r.FailAt("issuers", "the keys of issuer ", jsonconf.Quote(is.name), " cannot be read: give a JSON Web Key Set, one JSON Web Key, or one public key in PEM")
		}
		is.given = ""
	}
}
