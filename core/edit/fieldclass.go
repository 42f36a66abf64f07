package edit

import (
	"strings"

	"github.com/weirproxy/weir/core/stream"
)

// readValues reads a field's name, and behind it the values that a filter compares the
// field's with, which NULs part.
func readValues(text string) (name string, w words, ok bool) {
	name, rest, some := strings.Cut(text, "\x00")
	if !fieldName(name) || len(rest) > maxWords {
		return "", nil, false
	}
	w = words{}
	for some {
		var value string
		value, rest, some = strings.Cut(rest, "\x00")
		if len(value) > longestWord {
			return "", nil, false
		}
		for _, c := range []byte(value) {
			if c < ' ' || c >= 0x7f {
				return "", nil, false
			}
		}
		w[string(lower([]byte(value)))] = struct{}{}
	}
	return name, w, true
}

// appendValue appends what a field has in common with all those that filters with these
// values cannot tell from it, and whether it is there: one of the values, in any case,
// stands as it is, any other plain one as a mark. It is not known for several fields, for
// a list, and for what is not plain: how that is compared is for the filter to say.
func (w words) appendValue(dst []byte, h *stream.Headers, name string) (b []byte, there, known bool) {
	for i := range h.Len() {
		f := h.At(i)
		switch {
		case string(f.Name) != name:
			continue
		case there || !plainValue(f.Value):
			return dst, there, false
		}
		there = true
		if w.has(f.Value) {
			dst = append(dst, f.Value...)
		} else {
			dst = append(dst, anyWord)
		}
	}
	return dst, there, true
}

// plainValue says whether a field's value is printable ASCII, without a comma and without
// a blank at an end.
func plainValue(v []byte) bool {
	for _, c := range v {
		if c < ' ' || c >= 0x7f || c == ',' {
			return false
		}
	}
	return len(v) == 0 || v[0] != ' ' && v[len(v)-1] != ' '
}
