package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// formats are the syntaxes of strings, by the name check tags use. Each is
// what is wrong with a string that is not empty, "" for nothing.
var formats = map[string]func(string) string{
	"name":       nameWrong,
	"memory":     memoryLimitWrong,
	"printable":  printableWrong,
	"token":      tokenWrong,
	"header":     headerWrong,
	"method":     methodWrong,
	"upgrade":    upgradeWrong,
	"sha256":     sha256Wrong,
	"module":     moduleWrong,
	"publickey":  publicKeyWrong,
	"envname":    envNameWrong,
	"regex":      regexWrong,
	"valuematch": valueMatchWrong,
	"cidr":       cidrWrong,
	"listen":     listenWrong,
	"local":      localWrong,
	"endpoint":   endpointWrong,
	"port":       portWrong,
	"dnsname":    dnsNameWrong,
	"srvname":    srvNameWrong,
	"ipport":     ipPortWrong,
	"hashby":     hashByWrong,
	"authority":  authorityWrong,
	"host":       hostPatternWrong,
	"path":       pathWrong,
	"template":   templateWrong,
	"acmehost":   acmeHostWrong,
	"suite":      suiteWrong,
	"servername": serverNameWrong,
	"spiffeid":   spiffeIDWrong,
	"domain":     trustDomainWrong,
	"peer":       peerWrong,
	"receiver":   receiverWrong,
}

const (
	lowerDigits = "abcdefghijklmnopqrstuvwxyz0123456789"
	tokenBytes  = lowerDigits + "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&'*+-.^_`|~"
)

// only says whether s is made of the bytes of set.
func only(s, set string) bool { return strings.Trim(s, set) == "" }

func nameWrong(s string) string {
	if s != "" && len(s) <= 100 && only(s, lowerDigits+"-_") {
		return ""
	}
	return fmt.Sprintf("%q is not made of a-z, 0-9, - and _ (at most 100)", s)
}

func printableWrong(s string) string {
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return fmt.Sprintf("%q has a control character", s)
		}
	}
	return ""
}

func tokenWrong(s string) string {
	if only(s, tokenBytes) {
		return ""
	}
	return fmt.Sprintf("%q is not a token (RFC 9110): letters, digits and !#$%%&'*+-.^_`|~", s)
}

func headerWrong(s string) string {
	if s != "" && only(s, tokenBytes) {
		return ""
	}
	return fmt.Sprintf("%q is not a header name", s)
}

func methodWrong(s string) string {
	switch {
	case !only(s, tokenBytes):
		return fmt.Sprintf("%q is not a method", s)
	case strings.ToUpper(s) != s:
		return fmt.Sprintf("methods are case sensitive; did you mean %q?", strings.ToUpper(s))
	}
	return ""
}

func upgradeWrong(s string) string {
	switch {
	case !only(s, tokenBytes+"/"):
		return fmt.Sprintf("%q is not a protocol", s)
	case strings.ToLower(s) != s:
		return fmt.Sprintf("protocols are lower case here; did you mean %q?", strings.ToLower(s))
	case s == "h2c":
		return "h2c would carry requests past the filters; leave it out"
	}
	return ""
}

func sha256Wrong(s string) string {
	switch {
	case len(s) != 64:
		return fmt.Sprintf("is not a SHA-256: want 64 hex digits, there are %d characters", len(s))
	case !only(s, "0123456789abcdefABCDEF"):
		return "is not a SHA-256: not all of it are hex digits"
	}
	return ""
}

func envNameWrong(s string) string {
	if s != "" && !strings.ContainsAny(s, "=\x00") {
		return ""
	}
	return fmt.Sprintf("%q is not a variable's name", s)
}

func regexWrong(s string) string {
	if _, err := regexp.Compile(s); err != nil {
		return fmt.Sprintf("is not an RE2 expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return ""
}

func valueMatchWrong(s string) string {
	if re, ok := strings.CutPrefix(s, "~"); ok {
		return regexWrong(re)
	}
	return ""
}

func cidrWrong(s string) string {
	p, err := netip.ParsePrefix(s)
	switch {
	case err == nil && p == p.Masked():
		return ""
	case err == nil:
		return fmt.Sprintf("%q has bits beyond its length; did you mean %q?", s, p.Masked())
	}
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return fmt.Sprintf("%q is an address, want a network; did you mean %q?", s, netip.PrefixFrom(a, a.BitLen()))
	}
	return fmt.Sprintf("%q is not a network; write it like \"10.0.0.0/8\" or \"fd00::/8\"", s)
}
