package explain

import (
	"net/url"
	"slices"
	"strings"
)

// hidden stands where a secret is.
const hidden = "***"

// secretFields carry secrets whatever they are called otherwise.
var secretFields = map[string]bool{
	"authorization": true, "proxy-authorization": true, "cookie": true, "set-cookie": true,
	"x-amz-security-token": true, "x-forwarded-client-cert": true,
}

// secretParts are in the names of fields, parameters and properties that carry
// secrets.
var secretParts = []string{"secret", "passw", "passphrase", "token", "credential", "api-key", "apikey", "api_key",
	"access-key", "access_key", "private", "bearer", "signature", "session", "jwt", "hmac"}

// masks hides secrets, unless they are to be shown.
type masks struct {
	show  bool
	known []string // secrets that the request has: a filter may copy them elsewhere
}

// shortest is the length from which on a text is looked for elsewhere, in bytes.
const shortest = 6

// learn takes note of the secrets of a request: credentials, the values of cookies,
// whatever else looks like one.
func (m *masks) learn(list []Field) {
	for _, f := range list {
		if !secret(f.Name) {
			continue
		}
		parts := []string{f.Value}
		switch {
		case strings.HasSuffix(f.Name, "authorization"):
			_, rest, _ := strings.Cut(f.Value, " ")
			parts = append(parts, rest)
		case f.Name == "cookie":
			for pair := range strings.SplitSeq(f.Value, ";") {
				_, value, _ := strings.Cut(pair, "=")
				parts = append(parts, value)
			}
		}
		for _, part := range parts {
			if len(part) >= shortest {
				m.known = append(m.known, part)
			}
		}
	}
	slices.SortFunc(m.known, func(a, b string) int { return len(b) - len(a) }) // the whole before its parts
}

// text hides known secrets in a text of whatever kind.
func (m *masks) text(s string) string {
	if m.show {
		return s
	}
	for _, k := range m.known {
		s = strings.ReplaceAll(s, k, hidden)
	}
	return s
}

// secret says whether a name is that of a secret.
func secret(name string) bool {
	name = strings.ToLower(name)
	if secretFields[name] || strings.HasSuffix(name, "key") || strings.HasSuffix(name, "keys") || name == "sid" || name == "code" {
		return true
	}
	for _, part := range secretParts {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// value is what may be told of a value: of authorization, the scheme too.
func (m *masks) value(name, value string) string {
	if m.show || value == "" || !secret(name) {
		return m.text(value)
	}
	if scheme, rest, ok := strings.Cut(value, " "); ok && rest != "" && strings.HasSuffix(strings.ToLower(name), "authorization") {
		return scheme + " " + hidden
	}
	return hidden
}

// path hides the values of query parameters.
func (m *masks) path(path string) string {
	at := strings.IndexByte(path, '?')
	if m.show || at < 0 {
		return m.text(path)
	}
	pairs := strings.Split(path[at+1:], "&")
	for i, p := range pairs {
		name, value, ok := strings.Cut(p, "=")
		plain, err := url.QueryUnescape(name)
		if ok && value != "" && (err != nil || secret(plain)) {
			pairs[i] = name + "=" + hidden
		}
	}
	return m.text(path[:at+1] + strings.Join(pairs, "&"))
}

// asks is what may be told of what a match asks.
func (m *masks) asks(name, asks string) string {
	if m.show || !secret(name) || asks == "present" || asks == "absent" {
		return asks
	}
	return hidden
}

func (m *masks) fields(list []Field) []Field {
	out := make([]Field, len(list))
	for i, f := range list {
		out[i] = Field{f.Name, m.value(f.Name, f.Value)}
		if f.Name == ":path" || f.Name == "location" || f.Name == "referer" || strings.HasSuffix(f.Name, "-uri") {
			out[i].Value = m.path(f.Value)
		}
	}
	return out
}
