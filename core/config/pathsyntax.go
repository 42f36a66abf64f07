package config

import (
	"fmt"
	"slices"
	"strings"
)

// pathWrong: a path without query.
func pathWrong(s string) string {
	switch {
	case s[0] != '/':
		return fmt.Sprintf("%q does not begin with a slash; did you mean %q?", s, "/"+s)
	case strings.ContainsAny(s, "?#"):
		return fmt.Sprintf("%q has a query or fragment; match a query by match.query", s)
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c == 0x7f {
			return fmt.Sprintf("%q has a blank or control character, which no request path has; escape it as %%%02X", s, c)
		}
	}
	return ""
}

// templateWrong: a path whose segments may be "{name}", the last "{name...}".
func templateWrong(s string) string {
	if wrong := pathWrong(s); wrong != "" {
		return wrong
	}
	var names []string
	segments := strings.Split(s[1:], "/")
	for i, seg := range segments {
		if !strings.ContainsAny(seg, "{}") {
			continue
		}
		inner, ok := strings.CutPrefix(seg, "{")
		inner, closed := strings.CutSuffix(inner, "}")
		name, rest := strings.CutSuffix(inner, "...")
		switch {
		case !ok || !closed || strings.ContainsAny(inner, "{}"):
			return fmt.Sprintf("segment %q is not \"{name}\" as a whole", seg)
		case name == "" || !only(strings.ToLower(name), lowerDigits+"_"):
			return fmt.Sprintf("segment %q has no name of letters, digits and _", seg)
		case rest && i < len(segments)-1:
			return fmt.Sprintf("segment %q takes the rest of the path, but more follows", seg)
		case slices.Contains(names, name):
			return fmt.Sprintf("the name %q is there twice", name)
		}
		names = append(names, name)
	}
	return ""
}
