package cors

import (
	"strings"

	"github.com/weirproxy/weir/sdk/weir"
)

// origins are those that are allowed.
type origins struct {
	any     bool
	null    bool // "null": of a sandboxed frame, a file, and whoever wants to look like one
	exact   []string
	below   []wildcard
	regexes []weir.Regex
}

// wildcard stands for all hosts below one: "https://*.example.com".
type wildcard struct {
	scheme string // with "://"
	suffix string // ".example.com", with its port if it has one
}

// maxOrigin bounds an origin, in bytes: a scheme, a host's name and a port.
const maxOrigin = 300

// allow says whether pages of an origin may use what is served.
func (o *origins) allow(origin []byte) bool {
	switch {
	case o.any:
		return true
	case len(origin) > maxOrigin:
		return false
	case string(origin) == "null":
		return o.null
	}
	for _, e := range o.exact {
		if string(origin) == e {
			return true
		}
	}
	for i := range o.below {
		if o.below[i].matches(origin) {
			return true
		}
	}
	for _, x := range o.regexes {
		if ok, err := x.Match(origin); ok && err == nil {
			return true
		}
	}
	return false
}

// matches asks that labels, and nothing else, stand before the suffix.
func (w *wildcard) matches(origin []byte) bool {
	n, m := len(w.scheme), len(origin)-len(w.suffix)
	if m <= n || string(origin[:n]) != w.scheme || string(origin[m:]) != w.suffix {
		return false
	}
	return labels(string(origin[n:m]))
}

// labels says whether s is one label or more of a host's name, in lower case as
// browsers write it.
func labels(s string) bool {
	dot := true
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if dot {
				return false
			}
			dot = true
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
			dot = false
		default:
			return false
		}
	}
	return !dot
}

// parseOrigin reads "https://a.example:8443", "https://*.example" and, for https
// alone, "*.example". It answers what is wrong.
func (o *origins) parse(text string) (wrong string) {
	const shape = ` is no origin: "https://app.example.com", "https://*.example.com" or "*", in lower case, without a path`
	switch text {
	case "*":
		o.any = true
		return ""
	case "null":
		return `is "null", which any page can be by a sandboxed frame; say null_origin = true if that is meant`
	}
	scheme, host, ok := strings.Cut(text, "://")
	if !ok {
		scheme, host = "https", text
	}
	if ok && (scheme == "http" || scheme == "https") && literal(host) {
		o.exact = append(o.exact, text)
		return ""
	}
	name, port, hasPort := strings.Cut(host, ":")
	if hasPort && !digits(port) || scheme == "" || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" {
		return shape
	}
	if hasPort && (scheme == "https" && port == "443" || scheme == "http" && port == "80") {
		return "has the scheme's own port, which browsers leave out; leave it out too"
	}
	if suffix, wild := strings.CutPrefix(name, "*."); wild {
		if !labels(suffix) {
			return shape
		}
		if !strings.Contains(suffix, ".") && suffix != "localhost" {
			return "stands for a whole top-level domain; name the hosts below it"
		}
		o.below = append(o.below, wildcard{scheme + "://", host[1:]})
		return ""
	}
	if !ok || !labels(name) {
		return shape
	}
	o.exact = append(o.exact, text)
	return ""
}

func digits(s string) bool {
	return s != "" && len(s) <= 5 && strings.Trim(s, "0123456789") == ""
}

// literal says whether a host is an IPv6 address in brackets, with or without a port.
func literal(host string) bool {
	address, port, ok := strings.Cut(host, "]")
	return ok && strings.HasPrefix(address, "[") && len(address) > 2 && strings.Trim(address[1:], "0123456789abcdef:") == "" &&
		(port == "" || port[0] == ':' && digits(port[1:]))
}
