package route

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
)

// maxHost bounds a host's name, in bytes (RFC 1035, section 2.3.4).
const maxHost = 255

// hostPattern is one entry of a match's hosts. The zero value is any host.
type hostPattern struct {
	name   string // lower case
	suffix bool   // also what is below name, and not name itself
}

func (p hostPattern) any() bool { return p.name == "" }

func (p hostPattern) String() string {
	switch {
	case p.any():
		return "*"
	case p.suffix:
		return "*." + p.name
	}
	return p.name
}

// parseHost reads "a.example", "*.example" or "*".
func parseHost(s string) (hostPattern, error) {
	if s == "*" {
		return hostPattern{}, nil
	}
	name, suffix := strings.CutPrefix(strings.ToLower(s), "*.")
	name = strings.TrimSuffix(name, ".")
	switch {
	case name == "" || strings.HasPrefix(name, ".") || strings.Contains(name, ".."):
		return hostPattern{}, fmt.Errorf("hosts: %q has an empty label", s)
	case len(name) > maxHost:
		return hostPattern{}, fmt.Errorf("hosts: %q is longer than %d bytes", s, maxHost)
	case strings.Contains(name, "*"):
		return hostPattern{}, fmt.Errorf("hosts: %q: an asterisk may only stand for all labels at the beginning, as in %q", s, "*.example.com")
	}
	if address, ok := strings.CutPrefix(name, "["); ok && !suffix {
		address, closed := strings.CutSuffix(address, "]")
		if a, err := netip.ParseAddr(address); err != nil || !a.Is6() || !closed {
			return hostPattern{}, fmt.Errorf("hosts: %q is not an IPv6 address in brackets", s)
		}
		return hostPattern{name: name}, nil
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c == ':':
			return hostPattern{}, fmt.Errorf("hosts: %q: requests match whatever their port: leave it out, and put an IPv6 address in brackets", s)
		case c >= 0x80:
			return hostPattern{}, fmt.Errorf("hosts: %q: write an international name as requests carry it, beginning with %q", s, "xn--")
		case c <= ' ' || strings.IndexByte(`/\?#@[]"`, c) >= 0 || c == 0x7f:
			return hostPattern{}, fmt.Errorf("hosts: %q: %q cannot stand in a host's name", s, c)
		}
	}
	return hostPattern{name, suffix}, nil
}

// hostname is an authority without port and trailing dot.
func hostname(authority []byte) []byte {
	if len(authority) > 0 && authority[0] == '[' {
		if end := bytes.IndexByte(authority, ']'); end >= 0 {
			return authority[:end+1]
		}
		return authority
	}
	if colon := bytes.IndexByte(authority, ':'); colon >= 0 {
		authority = authority[:colon]
	}
	if n := len(authority); n > 0 && authority[n-1] == '.' {
		authority = authority[:n-1]
	}
	return authority
}

func isLower(b []byte) bool {
	for _, c := range b {
		if c-'A' < 26 {
			return false
		}
	}
	return true
}

// labels counts the labels of a name.
func labels(name string) int { return strings.Count(name, ".") + 1 }

// tail is where the dot before the last n labels of name is, or 0.
func tail(name []byte, n int) int {
	at := len(name)
	for ; n > 0 && at > 0; n-- {
		at = bytes.LastIndexByte(name[:at], '.')
	}
	return max(at, 0)
}
