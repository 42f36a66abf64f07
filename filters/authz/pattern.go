package authz

import (
	"bytes"
	"strings"

	"github.com/weirproxy/weir/filters/internal/oddpath"
	"github.com/weirproxy/weir/sdk/jsonconf"
)

// In a compiled pattern one byte stands for a segment of any text, or for all
// that is left: neither can be in a path or an ID.
const (
	oneSegment = "\x00"
	subtree    = "\x01"
)

// pattern is a path or a SPIFFE ID as rules write it: "*" stands for one
// segment, "**" at the end for all below, and for what stands before it.
type pattern struct {
	fixed string // up to the first segment that is not literal
	rest  string // from there, with its slash
}

// matches compares whole segments.
func matches(fixed, rest, text []byte) bool {
	if len(text) < len(fixed) || string(text[:len(fixed)]) != string(fixed) {
		return false
	}
	text = text[len(fixed):]
	for len(rest) > 1 {
		if rest[1] == subtree[0] {
			return len(text) == 0 || text[0] == '/'
		}
		if len(text) == 0 || text[0] != '/' {
			return false
		}
		n := 1
		if rest[1] == oneSegment[0] {
			for n < len(text) && text[n] != '/' {
				n++
			}
			if n == 1 {
				return false
			}
			text, rest = text[n:], rest[2:]
			continue
		}
		for n < len(rest) && rest[n] != '/' {
			n++
		}
		if len(text) < n || string(text[:n]) != string(rest[:n]) || len(text) > n && text[n] != '/' {
			return false
		}
		text, rest = text[n:], rest[n:]
	}
	return len(text) == 0
}

// segment takes the first segment off a text that begins with its slash.
func segment(text []byte) (first, rest []byte) {
	if i := bytes.IndexByte(text[1:], '/'); i >= 0 {
		return text[1 : i+1], text[i+1:]
	}
	return text[1:], nil
}

type patternError string

func (e patternError) Error() string { return string(e) }

// parsePath reads a path's pattern: "/orders", "/orders/{id}", "/orders/**".
func parsePath(text string) (pattern, error) {
	if text == "" || text[0] != '/' {
		return pattern{}, patternError(`must begin with "/"`)
	}
	if strings.ContainsAny(text, "?#") {
		return pattern{}, patternError("is a path alone: no query, no fragment")
	}
	if text == "/" {
		return pattern{fixed: text}, nil
	}
	body, slash := strings.CutSuffix(text, "/")
	p, err := compile("", body, func(s string) (string, error) {
		if len(s) > 2 && s[0] == '{' && s[len(s)-1] == '}' {
			if strings.HasSuffix(s, "...}") {
				return "", patternError(`has ` + jsonconf.Quote(s) + `: write "**" for all that is left`)
			}
			return oneSegment, nil
		}
		if strings.ContainsAny(s, "{}*") {
			return "", patternError("has " + jsonconf.Quote(s) + ": a placeholder is a whole segment")
		}
		if oddpath.Odd([]byte("/"+s), true) {
			return "", patternError("has " + jsonconf.Quote(s) + ", which no normal path has: escaped dots and slashes, backslashes, dots at an end")
		}
		return s, nil
	})
	switch {
	case err != nil || !slash:
	case strings.HasSuffix(p.rest, subtree):
		err = patternError(`must end with "**": nothing is below that`)
	case p.rest == "":
		p.fixed += "/"
	default:
		err = patternError(`must not end with "/" behind a placeholder`)
	}
	return p, err
}

// parsePeer reads a SPIFFE ID's pattern: "spiffe://example.org/ns/*/sa/web".
func parsePeer(text string) (pattern, error) {
	domain, path, ok := cutID(text)
	if !ok {
		return pattern{}, patternError(`must be a SPIFFE ID such as "spiffe://example.org/web", with a trust domain in small letters and no wildcard in it, or "none"`)
	}
	return compile(domain, path, func(s string) (string, error) {
		if !idSegment([]byte(s)) {
			return "", patternError("has " + jsonconf.Quote(s) + ": a segment of a SPIFFE ID has letters, digits, dots, dashes and underscores, or is a whole \"*\"")
		}
		return s, nil
	})
}

// cutID parts a SPIFFE ID into "spiffe://" with its trust domain, and its path.
func cutID(text string) (domain, path string, ok bool) {
	const scheme = "spiffe://"
	name, ok := strings.CutPrefix(text, scheme)
	if !ok {
		return "", "", false
	}
	end := len(name)
	for i := range len(name) {
		if name[i] == '/' {
			end = i
			break
		}
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return "", "", false
		}
	}
	return text[:len(scheme)+end], name[end:], end > 0
}

// idSegment says whether s can be one of a SPIFFE ID's path (SPIFFE-ID,
// section 2.2).
func idSegment(s []byte) bool {
	if len(s) == 0 || string(s) == "." || string(s) == ".." {
		return false
	}
	for _, c := range s {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// validID says whether a peer's ID is one that can be read in one way only.
func validID(id []byte) bool {
	const longest = 2048 // SPIFFE-ID, section 2.3
	if len(id) > longest {
		return false
	}
	_, path, ok := cutID(view(id))
	for rest := []byte(path); ok && len(rest) > 0; {
		var s []byte
		s, rest = segment(rest)
		ok = idSegment(s)
	}
	return ok
}

// compile makes a pattern of a text that begins with prefix, and whose segments
// literal checks and names.
func compile(prefix, text string, literal func(string) (string, error)) (p pattern, err error) {
	p.fixed = prefix
	for rest := text; rest != ""; {
		var s string
		s, rest = rest[1:], ""
		if i := strings.IndexByte(s, '/'); i >= 0 {
			s, rest = s[:i], s[i:]
		}
		switch s {
		case "":
			return p, patternError(`has an empty segment`)
		case "*":
			s = oneSegment
		case "**":
			if rest != "" {
				return p, patternError(`has "**" before its end`)
			}
			s = subtree
		default:
			if s, err = literal(s); err != nil {
				return p, err
			}
		}
		if p.rest == "" && s != oneSegment && s != subtree {
			p.fixed += "/" + s
		} else {
			p.rest += "/" + s
		}
	}
	return p, nil
}

// lower appends text in small letters.
func lower(dst, text []byte) []byte {
	for _, c := range text {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}
