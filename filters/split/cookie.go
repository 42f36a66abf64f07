package split

import (
	"strconv"
	"time"

	"github.com/weirproxy/weir/filters/internal/credential"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// sticky is the cookie by which a client comes to the same target again.
type sticky struct {
	name     string
	path     string
	domain   string
	maxAge   time.Duration // 0: until the browser is closed
	secure   bool
	sameSite string // "Lax", "Strict", "None"
	secret   string
	reveal   bool // the value is the cluster's name
}

// ready makes what each target's clients are given.
func (y *sticky) ready(targets []target, filter string) error {
	attributes := "; Path=" + y.path + "; HttpOnly; SameSite=" + y.sameSite
	if y.domain != "" {
		attributes += "; Domain=" + y.domain
	}
	if y.maxAge > 0 {
		attributes += "; Max-Age=" + strconv.FormatInt(int64(y.maxAge/time.Second), 10)
	}
	if y.secure {
		attributes += "; Secure"
	}
	for i := range targets {
		t := &targets[i]
		if t.token = t.cluster; !y.reveal {
			// The same in every proxy of a fleet, and after every reload.
			code, err := weir.HMAC(weir.SHA256, []byte(y.secret), []byte(filter+"\x00"+t.cluster))
			if err != nil {
				return err
			}
			t.token = encode(code[:12])
		}
		t.cookie = y.name + "=" + t.token + attributes
	}
	return nil
}

// encode is b in hexadecimal digits.
func encode(b []byte) string {
	const digits = "0123456789abcdef"
	text := make([]byte, 0, 2*len(b))
	for _, c := range b {
		text = append(text, digits[c>>4], digits[c&15])
	}
	return string(text)
}

// remembered is the target of the client's cookie. One that gets nothing any more
// is not kept to, and what is no target's is as good as none.
func (f *filter) remembered(s *sdk.Stream) (i int, ok bool) {
	v := cookie(s, f.sticky.name)
	for i := range f.targets {
		if t := &f.targets[i]; t.weight > 0 && len(v) > 0 && string(v) == t.token {
			return i, true
		}
	}
	return 0, false
}

// cookie is the value of the first cookie of a name, empty without one. HTTP/2
// may bring cookies in several fields.
func cookie(s *sdk.Stream, name string) []byte {
	for field, value := range s.Request().All() {
		if string(field) != "cookie" {
			continue
		}
		if v := credential.CookieIn(value, name); len(v) > 0 {
			return v
		}
	}
	return nil
}
