package foreign

import (
	"strings"

	"github.com/go-jose/go-jose/v4/json"
)

// The kinds of a claim. Values are part of the encoding.
const (
	claimAbsent = iota
	claimText   // decoded
	claimNumber // as it stands
	claimTruth  // true or false
	claimJSON   // an object, a list or null, as it stands
)

// appendClaims appends, for each path (its segments parted by NUL), kind u32,
// size u32 and the bytes. It answers false when the payload is no object, or
// names a claim twice.
func appendClaims(dst, payload []byte, paths []string) ([]byte, bool) {
	var all map[string]json.RawMessage
	if json.Unmarshal(payload, &all) != nil {
		return dst, false
	}
	for _, path := range paths {
		kind, v := claim(all, path)
		dst = append(appendU32(appendU32(dst, uint32(kind)), uint32(len(v))), v...)
	}
	return dst, true
}

func claim(of map[string]json.RawMessage, path string) (kind int, v []byte) {
	name, rest, nested := strings.Cut(path, "\x00")
	raw, ok := of[name]
	if !ok {
		return claimAbsent, nil
	}
	if nested {
		var inner map[string]json.RawMessage
		if json.Unmarshal(raw, &inner) != nil {
			return claimAbsent, nil
		}
		return claim(inner, rest)
	}
	switch c := raw[0]; {
	case c == '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return claimAbsent, nil
		}
		return claimText, []byte(s)
	case c == '-' || c >= '0' && c <= '9':
		return claimNumber, raw
	case c == 't' || c == 'f':
		return claimTruth, raw
	}
	return claimJSON, raw
}
