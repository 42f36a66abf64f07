package differential_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// pairs is a map as guests serialise it.
func pairs(namesAndValues ...string) string {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(namesAndValues)/2))
	for _, s := range namesAndValues {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
	}
	for _, s := range namesAndValues {
		b = append(append(b, s...), 0)
	}
	return string(b)
}

// readable shows the map in a guest's line, in the order of names as a
// message's fields are.
func readable(line string) string {
	before, digits, ok := strings.Cut(line, " map:")
	b, err := hex.DecodeString(digits)
	if !ok || err != nil {
		return line
	}
	if len(b) == 0 {
		return before + " (no map)"
	}
	fields, ok := parsePairs(b)
	if !ok {
		return before + " not a map: " + digits
	}
	for _, f := range sorted(fields) {
		before += fmt.Sprintf(" %s=%q", f.name, f.value)
	}
	return before
}

func parsePairs(b []byte) (fields []field, ok bool) {
	if len(b) < 4 {
		return nil, false
	}
	n := int(binary.LittleEndian.Uint32(b))
	if n < 0 || n > len(b)/8 {
		return nil, false
	}
	sizes, rest := b[4:4+8*n], b[4+8*n:]
	take := func() (s string) {
		size := int(binary.LittleEndian.Uint32(sizes))
		sizes = sizes[4:]
		if size >= len(rest) || rest[size] != 0 {
			ok = false
			return ""
		}
		s, rest = string(rest[:size]), rest[size+1:]
		return s
	}
	ok = true
	for range n {
		fields = append(fields, field{take(), take()})
		if !ok {
			return nil, false
		}
	}
	return fields, len(rest) == 0
}
