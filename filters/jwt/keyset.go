package jwt

import "github.com/weirproxy/weir/sdk/jsonconf"

// members are what a key is made of (RFC 7517, section 4; RFC 7518, section 6).
// Certificates are ten times as long and say nothing that we ask for. Secrets
// and private keys have no place in a set that anybody may fetch: their members
// are not among these.
var members = [...]string{"kty", "kid", "use", "alg", "crv", "n", "e", "x", "y"}

// publicKeys is a fetched set with nothing but its public keys, and nothing of
// them but members.
func publicKeys(text []byte) ([]byte, error) {
	if len(text) == 0 {
		return nil, failure("it is empty")
	}
	out := []byte(`{"keys":[`)
	keys := 0
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		if string(key) != "keys" {
			r.Skip()
			return
		}
		r.List(func(int) {
			before := len(out)
			if keys > 0 {
				out = append(out, ',')
			}
			var usable bool
			if out, usable = publicKey(out, r); !usable {
				out = out[:before]
				return
			}
			keys++
		})
	})
	if err := r.Err(); err != nil {
		return nil, err
	}
	if keys == 0 {
		return nil, failure("it has no public key")
	}
	return append(out, "]}"...), nil
}

// publicKey appends one key. It answers false for one that is not public, or of
// a kind without a signature algorithm.
func publicKey(dst []byte, r *jsonconf.Reader) (out []byte, usable bool) {
	dst = append(dst, '{')
	first := len(dst)
	r.Object(func(key []byte) {
		name := member(key)
		if name == "" || !r.IsString() {
			r.Skip()
			return
		}
		v := r.String()
		if name == "kty" {
			usable = v == "RSA" || v == "EC" || v == "OKP"
		}
		if len(dst) > first {
			dst = append(dst, ',')
		}
		dst = appendText(append(appendText(dst, name), ':'), v)
	})
	return append(dst, '}'), usable
}

func member(key []byte) string {
	for _, name := range members {
		if string(key) == name {
			return name
		}
	}
	return ""
}

// appendText appends a JSON string.
func appendText(dst []byte, text string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
