package apikey

import (
	"strconv"
	"strings"

	"github.com/weirproxy/weir/filters/internal/oddpath"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// maxKeys bounds the keys of one filter: beyond that an identity service is
// the better place.
const maxKeys = 100_000

// read turns the configuration into a table of digests.
func (f *filter) read(text []byte) error {
	f.strip = true
	f.access = []access{{}} // of keys that may do everything
	realm := "weir"
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		if f.place.Read(r, key) {
			return
		}
		switch string(key) {
		case "realm":
			if realm = r.String(); !r.Failed() && strings.ContainsAny(realm, "\"\\\r\n") {
				r.Fail("must not have quotes, backslashes or line breaks")
			}
		case "strip":
			f.strip = r.Bool()
		case "identity_header":
			f.identityHeader = r.HeaderName()
		case "keys":
			r.List(func(i int) {
				if i == maxKeys {
					r.Fail("is one key too many: 100000 are allowed")
				}
				f.readKey(r)
			})
		default:
			r.Unknown("header", "scheme", "query", "cookie", "realm", "strip", "identity_header", "keys")
		}
	})
	f.place.Complete(r, "x-api-key", "")
	if len(f.keys.list) == 0 {
		r.FailAt("keys", "needs at least one key, or nobody could pass")
	}
	if a, b := f.keys.sort(); a != nil {
		r.FailAt("keys", jsonconf.Quote(f.keys.name(a)), " and ", jsonconf.Quote(f.keys.name(b)), " have the same key; give each its own")
	}
	f.challenge = or(f.place.Scheme, "ApiKey") + ` realm="` + realm + `"`
	f.refusal = f.challenge
	if strings.EqualFold(f.place.Scheme, "bearer") {
		f.refusal += `, error="invalid_token"` // RFC 6750, section 3.1
	}
	return r.Err()
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (f *filter) readKey(r *jsonconf.Reader) {
	var digest [32]byte
	var name string
	var a access
	given := 0
	r.Object(func(key []byte) {
		switch string(key) {
		case "name":
			if name = r.String(); !r.Failed() && !plain(name) {
				r.Fail("must be 1 to 128 visible ASCII characters: it goes into headers and logs")
			}
		case "sha256":
			given++
			readDigest(r, &digest)
		case "key":
			given++
			hashKey(r, &digest)
		case "paths":
			r.List(func(int) {
				p := r.String()
				switch {
				case r.Failed():
				case p == "" || p[0] != '/':
					r.Fail(`must begin with "/"`)
				case strings.Contains(p, "?") || oddpath.Odd([]byte(p), true):
					r.Fail(`is met by no request: it has a query, dots, an escaped slash or what else a normal path has not`)
				}
				a.paths = append(a.paths, p)
			})
		case "methods":
			r.List(func(int) {
				m := r.String()
				if !r.Failed() && (!jsonconf.Token(m) || m != strings.ToUpper(m)) {
					r.Fail(`must be a method in capitals, such as "GET"`)
				}
				a.methods = append(a.methods, m)
			})
		default:
			r.Unknown("name", "sha256", "key", "paths", "methods")
		}
	})
	switch {
	case r.Failed():
		return
	case name == "":
		r.Fail(`lacks "name": who the key is of`)
	case given != 1:
		r.Fail(`needs either "sha256", the key's digest, or "key", the key as a secret`)
	}
	f.keys.add(digest, name, f.accessOf(a))
}

// accessOf finds equal access, so that many keys share few.
func (f *filter) accessOf(a access) int {
	for i := range f.access {
		if equal(f.access[i].paths, a.paths) && equal(f.access[i].methods, a.methods) {
			return i
		}
	}
	f.access = append(f.access, a)
	return len(f.access) - 1
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 128
}

func readDigest(r *jsonconf.Reader, digest *[32]byte) {
	v := r.String()
	ok := len(v) == 64
	for i := 0; i < len(v) && ok; i += 2 {
		b, err := strconv.ParseUint(v[i:i+2], 16, 8)
		ok = err == nil
		digest[i/2] = byte(b)
	}
	if !ok {
		r.Fail("must be a SHA-256 in 64 hexadecimal digits, as of printf %s KEY | sha256sum")
	}
}

func hashKey(r *jsonconf.Reader, digest *[32]byte) {
	v := r.String()
	if r.Failed() {
		return
	}
	if len(v) < 16 || len(v) > maxKey {
		r.Fail("must have 16 to 512 characters: a short key can be guessed")
		return
	}
	d, err := weir.Hash(weir.SHA256, []byte(v))
	if err != nil {
		r.Fail("cannot be hashed: ", err.Error())
		return
	}
	copy(digest[:], d)
}
