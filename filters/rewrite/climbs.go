package rewrite

import "bytes"

// climbs says whether a path has a segment that stands for where it is, or for what
// is above: an upstream that resolves it would serve what nobody asked for.
func climbs(path []byte) bool {
	for len(path) > 0 {
		var segment []byte
		segment, path, _ = bytes.Cut(path, []byte("/"))
		if n := len(segment); n > 0 && n < 3 && segment[0] == '.' && segment[n-1] == '.' {
			return true
		}
	}
	return false
}
