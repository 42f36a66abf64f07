package basicauth

import (
	"strconv"
	"strings"

	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// maxUsers bounds the users of one filter: beyond that an identity service is
// the better place.
const maxUsers = 4096

func (f *filter) read(text []byte) error {
	f.strip = true
	realm := "weir"
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		switch string(key) {
		case "users":
			f.readUsers(r)
		case "realm":
			if realm = r.String(); !r.Failed() && (strings.ContainsAny(realm, `"\`) || hasControl([]byte(realm))) {
				r.Fail("must not have quotes, backslashes or control characters")
			}
		case "strip":
			f.strip = r.Bool()
		case "identity_header":
			f.identityHeader = r.HeaderName()
		default:
			r.Unknown("users", "realm", "strip", "identity_header")
		}
	})
	f.place.Complete(r, "authorization", "Basic")
	twice, err := f.users.ready()
	switch {
	case err != nil:
		r.FailAt("users", "cannot be hashed: ", err.Error())
	case twice != "":
		r.FailAt("users", "has ", jsonconf.Quote(twice), " twice; remove one")
	case len(f.users.list) == 0:
		r.FailAt("users", "needs at least one user, or nobody could pass")
	case f.identityHeader == f.place.Header:
		r.FailAt("identity_header", "is where the password stands; choose another header")
	}
	f.challenge = `Basic realm="` + realm + `", charset="UTF-8"`
	return r.Err()
}

// readUsers reads lines of "name:hash": a text as htpasswd writes it, or a list.
func (f *filter) readUsers(r *jsonconf.Reader) {
	if r.IsList() {
		r.List(func(int) { f.readUser(r, r.String(), "") })
		return
	}
	for i, line := range strings.Split(r.String(), "\n") {
		line = strings.TrimRight(line, "\r ")
		if line == "" || line[0] == '#' {
			continue
		}
		f.readUser(r, line, "line "+strconv.Itoa(i+1)+": ")
	}
}

// readUser reads one. Messages do not show hashes.
func (f *filter) readUser(r *jsonconf.Reader, line, where string) {
	if r.Failed() {
		return
	}
	name, hash, ok := strings.Cut(line, ":")
	switch {
	case !ok || name == "" || len(name) > maxName || !visible(name):
		r.Fail(where, `must be "name:hash", with a name of 1 to 128 visible ASCII characters`)
	case len(f.users.list) == maxUsers:
		r.Fail(where, "is one user too many: 4096 are allowed")
	case !usable(hash):
		r.Fail(where, "the hash of ", jsonconf.Quote(name), ` is none of bcrypt with a cost from 4 to 14; make it by "htpasswd -nB `, name, `"`)
	default:
		f.users.add(name, hash)
	}
}

// visible: names go into headers and logs.
func visible(name string) bool {
	for i := range len(name) {
		if name[i] <= ' ' || name[i] >= 0x7f {
			return false
		}
	}
	return true
}

// usable asks the host, which knows what it takes.
func usable(hash string) bool {
	_, err := weir.VerifyPassword([]byte(hash), nil)
	return err == nil && len(hash) == hashSize
}
