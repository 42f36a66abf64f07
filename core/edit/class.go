package edit

import (
	"bytes"
	"strings"
)

// words are those by which a filter tells paths, or a field's values, apart, in small
// letters: of a path each is a segment.
type words map[string]struct{}

const (
	longestWord = 128
	maxWords    = 32 << 10 // bytes of all, with what parts them
)

// anyWord stands in a class for a segment that is none of the words. No word and no
// plain segment has it.
const anyWord = 1

// readWords reads words that slashes part.
func readWords(text string) (w words, ok bool) {
	if len(text) > maxWords {
		return nil, false
	}
	w = words{}
	for word := range strings.SplitSeq(text, "/") {
		if text == "" {
			break
		}
		for _, c := range []byte(word) {
			if c <= ' ' || c == '?' || c == 0x7f {
				return nil, false
			}
		}
		if word == "" || len(word) > longestWord {
			return nil, false
		}
		w[string(lower([]byte(word)))] = struct{}{}
	}
	return w, true
}

// appendClass appends what a path has in common with all those that filters with
// these words cannot tell from it: its segments, of which those that are words, in any
// case, stand as they are, and any other plain one as a mark. It answers false for a path
// that holds anything else: how servers read that is for the filter to say.
func (w words) appendClass(dst, path []byte) ([]byte, bool) {
	if i := bytes.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	if len(path) == 0 || path[0] != '/' {
		return dst, false
	}
	for len(path) > 0 {
		segment := path[1:]
		if i := bytes.IndexByte(segment, '/'); i >= 0 {
			segment = segment[:i]
		}
		path = path[1+len(segment):]
		dst = append(dst, '/')
		switch {
		case len(segment) == 0 && len(path) == 0: // a slash at the end
		case w.has(segment):
			dst = append(dst, segment...)
		case plainSegment(segment):
			dst = append(dst, anyWord)
		default:
			return dst, false
		}
	}
	return dst, true
}

func (w words) has(segment []byte) bool {
	var room [longestWord]byte
	if len(segment) > longestWord {
		return false
	}
	_, ok := w[string(lower(room[:copy(room[:], segment)]))]
	return ok
}

// lower makes the letters of b small.
func lower(b []byte) []byte {
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return b
}

// plainSegment says whether a segment has nothing but unreserved characters (RFC 3986,
// section 2.3), and no dot at an end.
func plainSegment(s []byte) bool {
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '_', c == '.', c == '~':
		default:
			return false
		}
	}
	return len(s) > 0 && s[0] != '.' && s[len(s)-1] != '.'
}
