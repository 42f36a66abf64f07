package redirect

import (
	"bytes"

	"github.com/weirproxy/weir/sdk"
)

// badAuthority is a Host that no client of good will sends.
type badAuthority struct{}

func (badAuthority) Error() string { return "malformed host" }

// locate makes f.location, and says whether it is another address than the
// request's, target being its path: a redirection to itself would never end.
func (f *filter) locate(s *sdk.Stream, target, path, query []byte) (elsewhere bool, err error) {
	b := f.location[:0]
	var same bool
	if f.scheme != "" || f.host != "" || f.port != "" {
		if b, same, err = f.appendOrigin(b, s); err != nil {
			return false, err
		}
	} else {
		// "//host" and "/\host" would be other hosts to a browser.
		path, same = bytes.TrimLeft(path, `/\`), true
	}
	begin := len(b)
	if len(path) == 0 || path[0] != '/' {
		b = append(b, '/')
	}
	b = appendSafe(b, path)
	if len(query) > 0 {
		b = appendSafe(append(b, '?'), query)
	}
	f.location = b
	return !same || !bytes.Equal(b[begin:], target), nil
}

// appendOrigin appends scheme and authority, and says whether they are the
// request's.
func (f *filter) appendOrigin(b []byte, s *sdk.Stream) (_ []byte, same bool, err error) {
	from, authority := scheme(s), s.Authority()
	to := f.scheme
	if to == "" {
		to = from
	}
	b = append(append(b, to...), "://"...)
	begin := len(b)
	host, port := f.host, f.port
	if host == "" {
		if !validAuthority(authority) {
			return b, false, badAuthority{}
		}
		name, own := cutPort(authority)
		host = sdk.View(name)
		if port == "" && to == from {
			port = sdk.View(own)
		}
	}
	b = append(b, host...)
	if port != "" && port != defaultPort(to) {
		b = append(append(b, ':'), port...)
	}
	return b, to == from && bytes.EqualFold(b[begin:], authority), nil
}

// scheme is the request's, as the client sent it: before a proxy that is trusted
// it was another.
func scheme(s *sdk.Stream) string {
	v, ok := s.Request().Get("x-forwarded-proto")
	if !ok {
		v, _ = s.Request().Get(":scheme")
	}
	if string(v) == "https" {
		return "https"
	}
	return "http"
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// cutPort parts "a:80" and "[::1]:80", which are valid.
func cutPort(authority []byte) (host, port []byte) {
	if i := bytes.LastIndexByte(authority, ':'); i > bytes.LastIndexByte(authority, ']') {
		return authority[:i], authority[i+1:]
	}
	return authority, nil
}

// validAuthority says whether b is a host's name or address, with or without a
// port, and nothing else: it is about to be shown to the client as where to go.
func validAuthority(b []byte) bool {
	host, port := cutPort(b)
	for _, c := range port {
		if c < '0' || c > '9' {
			return false
		}
	}
	if len(port) > 5 || len(host) == 0 || len(host) > 255 || len(host)+1 == len(b) {
		return false
	}
	literal := host[0] == '['
	if literal {
		if len(host) < 4 || host[len(host)-1] != ']' {
			return false
		}
		host = host[1 : len(host)-1]
	}
	for _, c := range host {
		switch lower := c | 0x20; {
		case c >= '0' && c <= '9', c == '.', literal && c == ':':
		case lower >= 'a' && lower <= 'f':
		case !literal && (lower >= 'a' && lower <= 'z' || c == '-' || c == '_'):
		default:
			return false
		}
	}
	return true
}

// appendSafe appends part of a URL with everything escaped that browsers read
// in ways of their own: blanks, controls, backslashes, quotes, and what is not
// ASCII.
func appendSafe(dst, part []byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range part {
		switch {
		case c <= ' ', c >= 0x7f, c == '\\', c == '"', c == '<', c == '>', c == '^', c == '`', c == '{', c == '|', c == '}', c == '#':
			dst = append(dst, '%', digits[c>>4], digits[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
