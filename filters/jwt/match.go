package jwt

import (
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// any says whether a claim is one of some texts, or a list that has one of
// them. words says that a text is a list too, parted by blanks, as scopes are
// (RFC 8693, section 4.2).
func (v *value) any(wanted []string, words bool) bool {
	for _, want := range wanted {
		switch {
		case v.kind == weir.JWTJSON:
			if listHas(v.text, want) {
				return true
			}
		case string(v.text) == want || words && v.kind == weir.JWTText && hasWord(v.text, want):
			return true
		}
	}
	return false
}

// hasWord is a plain loop: in a guest calls cost more than the few bytes.
func hasWord(text []byte, want string) bool {
	for from := 0; from < len(text); {
		to := from
		for to < len(text) && text[to] != ' ' {
			to++
		}
		if to-from == len(want) && string(text[from:to]) == want {
			return true
		}
		from = to + 1
	}
	return false
}

// listHas says whether a JSON list has a text among its own elements. The host
// has seen to it that raw is JSON.
func listHas(raw []byte, want string) bool {
	if len(raw) == 0 || raw[0] != '[' {
		return false
	}
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '"':
			end, escaped := closing(raw, i)
			if depth == 1 && equalText(raw[i:end], want, escaped) {
				return true
			}
			i = end - 1
		}
	}
	return false
}

// closing is behind the quote that ends the text that begins at i. It says
// whether there are escapes in between.
func closing(raw []byte, i int) (end int, escaped bool) {
	for i++; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			return i + 1, escaped
		case '\\':
			escaped = true
			i++
		}
	}
	return len(raw), escaped
}

// equalText compares a JSON text, its quotes included.
func equalText(quoted []byte, want string, escaped bool) bool {
	if !escaped {
		return len(quoted) == len(want)+2 && string(quoted[1:len(quoted)-1]) == want
	}
	r := jsonconf.New(quoted)
	text := r.String()
	return r.Err() == nil && text == want
}
