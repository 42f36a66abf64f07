package rewrite

import (
	"path"
	"strings"
	"testing"
)

// FuzzClimbs sees to it that a path which does not climb is clean but for its slashes.
func FuzzClimbs(f *testing.F) {
	for _, s := range []string{"/", "/a/..", "/./a", "/...", "..", "/.a/b."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, p string) {
		parts := strings.FieldsFunc(p, func(r rune) bool { return r == '/' })
		if clean := path.Clean("/" + p); climbs([]byte(p)) != (clean != "/"+strings.Join(parts, "/")) {
			t.Fatalf("%q climbs: %v, and cleaned it is %q", p, climbs([]byte(p)), clean)
		}
	})
}
