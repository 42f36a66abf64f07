package jwt

import (
	"strings"
	"time"

	"github.com/weirproxy/weir/sdk/jsonconf"
)

// maxIssuers bounds the issuers of one filter: a token may be looked up once
// for each.
const maxIssuers = 16

// read turns the configuration into a filter.
func (f *filter) read(text []byte) error {
	f.strip, f.needExpiry, f.leeway = true, true, 30
	for _, name := range [registered]string{"exp", "nbf", "iat", "iss", "aud"} {
		f.claims = append(f.claims, claim{name: name})
	}
	realm, identity := "weir", "sub"
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		if f.place.Read(r, key) {
			return
		}
		switch string(key) {
		case "realm":
			if realm = r.String(); !r.Failed() && !quotable(realm) {
				r.Fail("must be visible ASCII characters and blanks, without quotes and backslashes")
			}
		case "strip":
			f.strip = r.Bool()
		case "optional":
			f.optional = r.Bool()
		case "require_expiry":
			f.needExpiry = r.Bool()
		case "leeway":
			f.leeway = int64(r.Duration(0, time.Hour) / time.Second)
		case "identity":
			identity = r.String()
			f.identity = f.readClaim(r, identity)
		case "claims":
			r.List(func(int) {
				name := r.String()
				if i := f.readClaim(r, name); i >= 0 {
					f.claims[i].property = "weir.claim." + name
				}
			})
		case "claim_headers":
			r.Object(func(key []byte) { f.readClaimHeader(r, string(key)) })
		case "issuers":
			r.List(func(i int) {
				if i == maxIssuers {
					r.Fail("is one issuer too many: 16 are allowed")
				}
				f.readIssuer(r)
			})
		default:
			r.Unknown(append(append([]string(nil), keys[:]...), "header", "scheme", "query", "cookie")...)
		}
	})
	f.place.Complete(r, "authorization", "Bearer")
	if identity == "sub" {
		f.identity = f.readClaim(r, identity)
	}
	f.setTold()
	f.checkWhole(r)
	f.challenge(f.place.Scheme, realm)
	f.makeVerifiers(r)
	return r.Err()
}

var keys = [...]string{"realm", "strip", "optional", "require_expiry", "leeway", "identity", "claims", "claim_headers", "issuers"}

// quotable says whether text can stand between quotes in a header.
func quotable(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// readClaimHeader reads which claim a header gets.
func (f *filter) readClaimHeader(r *jsonconf.Reader, header string) {
	header = strings.ToLower(header)
	if !jsonconf.Token(header) {
		r.Fail("the key is not a field name: letters, digits and !#$%&'*+-.^_`|~ only")
		return
	}
	name := r.String()
	if name == "" && !r.Failed() {
		r.Fail("is empty: the name of the claim that the header gets")
	}
	if i := f.readClaim(r, name); i >= 0 {
		f.claims[i].headers = append(f.claims[i].headers, header)
	}
}

// checkWhole finds what does not fit together.
func (f *filter) checkWhole(r *jsonconf.Reader) {
	for i := range f.claims {
		for _, h := range f.claims[i].headers {
			if h == f.place.Header {
				r.FailAt("claim_headers", jsonconf.Quote(h), " is where the token stands; choose another header")
			}
		}
	}
	if len(f.issuers) == 0 {
		r.FailAt("issuers", "needs at least one issuer, or nobody could pass")
	}
	for i, is := range f.issuers {
		if is.name == "" && len(f.issuers) > 1 {
			r.FailAt("issuers", `each of several needs "issuer": what "iss" of its tokens is`)
		}
		for _, other := range f.issuers[:i] {
			if other.name == is.name {
				r.FailAt("issuers", "has ", jsonconf.Quote(is.name), " twice; give all its keys and algorithms in one")
			}
		}
	}
}

// readClaim notes that a claim is asked for, and answers its index; -1 after a
// mistake, and for the claim "", which is none.
func (f *filter) readClaim(r *jsonconf.Reader, name string) int {
	if name == "" || r.Failed() {
		return -1
	}
	for i := range f.claims {
		if f.claims[i].name == name {
			return i
		}
	}
	switch {
	case !quotable(name) || len(name) > 128 || strings.Contains("."+name+".", ".."):
		r.Fail("must be the name of a claim, of 1 to 128 visible characters, or names parted by dots, not ", jsonconf.Quote(name))
	case len(f.claims) == maxClaims:
		r.Fail("is one claim too many: 27 are allowed, beside those that each token is asked for")
	default:
		f.claims = append(f.claims, claim{name: name})
		return len(f.claims) - 1
	}
	return -1
}

// path is a claim as the host knows it. The name of a claim that is a URI, as
// those of one's own are (RFC 7519, section 4.2), is taken whole.
func (c *claim) path() string {
	if strings.Contains(c.name, ":") {
		return c.name
	}
	return strings.ReplaceAll(c.name, ".", "\x00")
}
