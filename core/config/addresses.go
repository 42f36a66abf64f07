package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// split takes an address apart. wrong says why it cannot.
func split(s string) (host string, port int, wrong string) {
	host, digits, err := net.SplitHostPort(s)
	if err != nil {
		return "", 0, addressRemedy(s)
	}
	port, err = strconv.Atoi(digits)
	if err != nil || port < 0 || port > 65535 || !only(digits, "0123456789") {
		return "", 0, fmt.Sprintf("%q has port %q, want a number up to 65535", s, digits)
	}
	if host != "" && !isHost(host) {
		return "", 0, fmt.Sprintf("%q has host %q, which is neither a name nor an IP address", s, host)
	}
	return host, port, ""
}

// addressRemedy says what is wrong with a string that has no host and port.
func addressRemedy(s string) string {
	_, rest, isURL := strings.Cut(s, "://")
	switch a, err := netip.ParseAddr(s); {
	case isURL:
		return fmt.Sprintf("%q is a URL, want an address; did you mean %q?", s, strings.TrimRight(rest, "/"))
	case s != "" && only(s, "0123456789"):
		return fmt.Sprintf("%q is a port, want an address; did you mean %q?", s, ":"+s)
	case err == nil && a.Is6():
		return fmt.Sprintf("%q has no port; write it like \"[%s]:8080\"", s, s)
	case isHost(s):
		return fmt.Sprintf("%q has no port; write it like \"%s:8080\"", s, s)
	}
	return fmt.Sprintf("%q is not an address; write it like \"127.0.0.1:8080\"", s)
}

// isHost says whether s is an IP address or the name of a host.
func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if s == "" || len(s) > 253 || only(s, "0123456789.") {
		return false
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || !only(strings.ToLower(label), lowerDigits+"-_") {
			return false
		}
	}
	return true
}

// isBracketed says whether s is an IPv6 address as a URL has it.
func isBracketed(s string) bool {
	inner, opened := strings.CutPrefix(s, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	a, err := netip.ParseAddr(inner)
	return opened && closed && err == nil && a.Is6()
}

// listenWrong: an address of ours. Without a host it is all interfaces, with
// port 0 any free port.
func listenWrong(s string) string {
	_, _, wrong := split(s)
	return wrong
}

// CheckEndpoint is what is wrong with an address of a service, as sources of
// endpoints other than the file may say one: "host:port".
func CheckEndpoint(s string) error {
	if s == "" {
		return errors.New("it is empty")
	}
	if wrong := endpointWrong(s); wrong != "" {
		return errors.New(wrong)
	}
	return nil
}

// endpointWrong: an address of a service.
func endpointWrong(s string) string {
	host, port, wrong := split(s)
	switch {
	case wrong != "":
		return wrong
	case host == "":
		return fmt.Sprintf("%q has no host; did you mean %q?", s, "127.0.0.1"+s)
	case port == 0:
		return fmt.Sprintf("%q has port 0, want the port of a service", s)
	}
	return ""
}

// unixPrefix marks an address that is the path of a Unix socket.
const unixPrefix = "unix:"

// longestSocket is how long the path of a Unix socket may be, in bytes: the
// least of what the systems allow.
const longestSocket = 103

// localWrong: an address of ours that only this machine reaches.
func localWrong(s string) string {
	if path, ok := strings.CutPrefix(s, unixPrefix); ok {
		switch {
		case !strings.HasPrefix(path, "/"), strings.ContainsRune(path, 0):
			return fmt.Sprintf("%q has no absolute path of a socket; write it like \"unix:/run/weir/admin.sock\"", s)
		case len(path) > longestSocket:
			return fmt.Sprintf("the path of a socket has %d bytes, more than the %d that systems allow", len(path), longestSocket)
		}
		return ""
	}
	host, port, wrong := split(s)
	if wrong != "" {
		return wrong
	}
	if a, err := netip.ParseAddr(host); host == "localhost" || err == nil && a.IsLoopback() {
		return ""
	}
	return fmt.Sprintf("%q can be reached from outside and has no authentication; did you mean \"127.0.0.1:%d\"?", s, port)
}

// authorityWrong: a host, with or without port.
func authorityWrong(s string) string {
	if isHost(s) || isBracketed(s) {
		return ""
	}
	if host, _, wrong := split(s); wrong == "" && host != "" {
		return ""
	}
	return fmt.Sprintf("%q is not an authority; write it like \"api.internal\" or \"api.internal:8443\"", s)
}

// hostPatternWrong: a host without port, "*.domain" or "*".
func hostPatternWrong(s string) string {
	name, wildcard := strings.CutPrefix(s, "*.")
	ip, ipErr := netip.ParseAddr(name)
	_, rest, isURL := strings.Cut(s, "://")
	switch host, _, err := net.SplitHostPort(name); {
	case s == "*":
		return ""
	case isURL:
		return fmt.Sprintf("%q is a URL, want a host; did you mean %q?", s, strings.TrimRight(rest, "/"))
	case err == nil:
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return fmt.Sprintf("%q has a port, hosts are matched without; did you mean %q?", s, strings.ToLower(strings.TrimSuffix(s, name)+host))
	case !wildcard && ipErr == nil && ip.Is6():
		return fmt.Sprintf("%q is an IPv6 address without brackets; did you mean %q?", s, "["+s+"]")
	case strings.ToLower(s) != s:
		return fmt.Sprintf("hosts are lower case here; did you mean %q?", strings.ToLower(s))
	case !wildcard && isBracketed(name), isHost(name) && !(wildcard && ipErr == nil):
		return ""
	}
	return fmt.Sprintf("%q is not a host; write it like \"api.example\", \"*.example\" or \"*\"", s)
}
