package split

import (
	"strings"
	"time"

	"github.com/weirproxy/weir/sdk/jsonconf"
)

// readSticky reads the cookie of sticky clients.
func readSticky(r *jsonconf.Reader) *sticky {
	y := &sticky{path: "/", sameSite: "Lax"}
	r.Object(func(key []byte) {
		switch string(key) {
		case "cookie":
			y.name = cookieName(r)
		case "path":
			if y.path = attribute(r); !r.Failed() && (y.path == "" || y.path[0] != '/') {
				r.Fail(`must begin with "/"`)
			}
		case "domain":
			y.domain = attribute(r)
		case "max_age":
			y.maxAge = r.Duration(time.Second, maxAge)
		case "secure":
			y.secure = r.Bool()
		case "same_site":
			y.sameSite = r.OneOf("Lax", "Strict", "None")
		case "secret":
			if y.secret = r.String(); !r.Failed() && len(y.secret) < 16 {
				r.Fail("must have at least 16 characters: a short one can be guessed")
			}
		case "reveal":
			y.reveal = r.Bool()
		default:
			r.Unknown("cookie", "path", "domain", "max_age", "secure", "same_site", "secret", "reveal")
		}
	})
	switch {
	case r.Failed():
	case y.name == "":
		r.Fail(`lacks "cookie": its name`)
	case y.sameSite == "None" && !y.secure:
		r.FailAt("same_site", `"None" is refused by browsers without secure = true`)
	case strings.HasPrefix(y.name, "__Secure-") && !y.secure,
		strings.HasPrefix(y.name, "__Host-") && (!y.secure || y.domain != "" || y.path != "/"):
		r.FailAt("cookie", `has a prefix that browsers take with secure = true only; "__Host-" without domain, and with the path "/"`)
	}
	return y
}

// attribute reads the value of a cookie's attribute.
func attribute(r *jsonconf.Reader) string {
	v := r.String()
	for i := range len(v) {
		if c := v[i]; c <= ' ' || c >= 0x7f || c == ';' || c == ',' {
			r.Fail("must be visible ASCII without commas and semicolons")
			return ""
		}
	}
	return v
}
